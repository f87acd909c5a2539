// SPDX-License-Identifier: Apache-2.0

// Holds certificates against Go's crypto/x509 and golang.org/x/crypto/ssh.
//
//	verify ssh CA.pub CERTIFICATE user|host PRINCIPAL
//	verify x509 ROOT.pem CHAIN.pem client|server [NAME]
//
// Exit status 0: accepted, and refused for what it is not.
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/crypto/ssh"
)

func main() {
	if len(os.Args) < 5 {
		fail(errors.New("usage: verify ssh|x509 ..."))
	}
	var err error
	switch os.Args[1] {
	case "ssh":
		err = checkSSH(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	case "x509":
		name := ""
		if len(os.Args) > 5 {
			name = os.Args[5]
		}
		err = checkX509(os.Args[2], os.Args[3], os.Args[4], name)
	default:
		err = errors.New("unknown kind")
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "verify:", err)
	os.Exit(1)
}

func publicKey(path string) (ssh.PublicKey, error) {
	line, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, _, _, rest, err := ssh.ParseAuthorizedKey(line)
	if err == nil && len(bytes.TrimSpace(rest)) != 0 {
		err = errors.New("more than one line")
	}
	return key, err
}

func checkSSH(caPath, path, kind, principal string) error {
	ca, err := publicKey(caPath)
	if err != nil {
		return err
	}
	key, err := publicKey(path)
	if err != nil {
		return err
	}
	certificate, ok := key.(*ssh.Certificate)
	if !ok {
		return errors.New("not a certificate")
	}
	if !bytes.Equal(certificate.SignatureKey.Marshal(), ca.Marshal()) {
		return errors.New("signed by another CA")
	}
	kinds := map[string]uint32{"user": ssh.UserCert, "host": ssh.HostCert}
	if certificate.CertType != kinds[kind] {
		return fmt.Errorf("certificate type %d", certificate.CertType)
	}
	checker := &ssh.CertChecker{SupportedCriticalOptions: []string{"force-command", "source-address", "verify-required"}}
	if err := checker.CheckCert(principal, certificate); err != nil {
		return err
	}
	if checker.CheckCert("nobody", certificate) == nil {
		return errors.New("accepted for a principal it does not have")
	}
	late := &ssh.CertChecker{
		SupportedCriticalOptions: checker.SupportedCriticalOptions,
		Clock:                    func() time.Time { return time.Unix(int64(certificate.ValidBefore), 0) },
	}
	if late.CheckCert(principal, certificate) == nil {
		return errors.New("accepted after its end")
	}
	certificate.Serial++
	if checker.CheckCert(principal, certificate) == nil {
		return errors.New("accepted with another serial")
	}
	return nil
}

func checkX509(rootPath, path, usage, name string) error {
	rootPEM, err := os.ReadFile(rootPath)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(rootPEM) {
		return errors.New("no root")
	}
	rest, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var leaf *x509.Certificate
	intermediates := x509.NewCertPool()
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return err
		}
		if leaf == nil {
			leaf = certificate
		} else {
			intermediates.AddCert(certificate)
		}
	}
	if leaf == nil {
		return errors.New("no certificate")
	}
	usages := map[string]x509.ExtKeyUsage{"client": x509.ExtKeyUsageClientAuth, "server": x509.ExtKeyUsageServerAuth}
	options := x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, DNSName: name, KeyUsages: []x509.ExtKeyUsage{usages[usage]},
	}
	if _, err := leaf.Verify(options); err != nil {
		return err
	}
	refused := options
	refused.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
	if _, err := leaf.Verify(refused); err == nil {
		return errors.New("accepted for signing code")
	}
	refused = options
	refused.CurrentTime = leaf.NotAfter.Add(time.Second)
	if _, err := leaf.Verify(refused); err == nil {
		return errors.New("accepted after its end")
	}
	refused = options
	refused.DNSName = "elsewhere.example.net"
	if _, err := leaf.Verify(refused); err == nil {
		return errors.New("accepted under another name")
	}
	return nil
}
