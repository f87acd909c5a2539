#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""idpyoidc (PyPI), the OpenID provider of Identity Python, on a port of 127.0.0.1. What is here is HTTP; what it says is its own.

idpyoidc-provider.py PORT CLIENT-SECRET REDIRECT-URI LOGOUT-URI CA-FILE      in a folder of its own, which it fills

One person, ana@example.com, logs in with a form at the authorization endpoint. Where a browser follows the end_session_endpoint she is
logged out, and the client is told by back-channel logout.
"""
import json
import os
import sys
import urllib.parse
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from idpyoidc.message.oidc import AccessTokenRequest, AuthorizationRequest
from idpyoidc.message.oidc.session import EndSessionRequest
from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration
from idpyoidc.server.oidc.token import Token

port, secret, redirect_uri, logout_uri, authorities = sys.argv[1:]
issuer = f"http://127.0.0.1:{port}"
password = "ana-password-1"

os.makedirs("templates", exist_ok=True)
with open("templates/user_pass.jinja2", "w") as file:
    file.write("<form method=post action={{ action }}><input type=hidden name=token value={{ token }}></form>")
with open("passwd.json", "w") as file:
    json.dump({"ana": password}, file)
with open("users.json", "w") as file:
    json.dump({"ana": {"email": "ana@example.com", "email_verified": True}}, file)

keys = [{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}]
configuration = {
    "issuer": issuer,
    "entity_id": issuer,
    "key_conf": {"key_defs": keys, "uri_path": "jwks"},
    "template_dir": "templates",
    "preference": {"grant_types_supported": ["authorization_code", "refresh_token"]},
    "add_on": {
        "pkce": {
            "function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
            "kwargs": {"essential": True},
        }
    },
    "authentication": {
        "user": {
            "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:InternetProtocolPassword",
            "class": "idpyoidc.server.user_authn.user.UserPassJinja2",
            "kwargs": {
                "template": "user_pass.jinja2",
                "verify_endpoint": "/verify/user",
                "db": {"class": "idpyoidc.server.util.JSONDictDB", "kwargs": {"filename": "passwd.json"}},
            },
        }
    },
    "cookie_handler": {
        "class": "idpyoidc.server.cookie_handler.CookieHandler",
        "kwargs": {
            "keys": {"key_defs": [{"type": "OCT", "use": ["enc"], "kid": "enc"}, {"type": "OCT", "use": ["sig"], "kid": "sig"}]},
            "name": {"session": "oidc_op", "register": "oidc_op_rp", "session_management": "sman"},
        },
    },
    "endpoint": {
        "provider_info": {
            "path": ".well-known/openid-configuration",
            "class": "idpyoidc.server.oidc.provider_config.ProviderConfiguration",
            "kwargs": {"client_authn_method": None},
        },
        "authorization": {
            "path": "authorization",
            "class": "idpyoidc.server.oidc.authorization.Authorization",
            "kwargs": {"client_authn_method": None, "response_types_supported": ["code"]},
        },
        "token": {
            "path": "token",
            "class": "idpyoidc.server.oidc.token.Token",
            "kwargs": {"client_authn_method": ["client_secret_basic"]},
        },
        "session": {
            "path": "session",
            "class": "idpyoidc.server.oidc.session.Session",
            "kwargs": {
                "logout_verify_url": f"{issuer}/verify_logout",
                "post_logout_uri_path": "post_logout",
                "signing_alg": "ES256",
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
            },
        },
    },
    "token_handler_args": {
        "key_conf": {"key_defs": keys},
        "code": {"lifetime": 600},
        "token": {"class": "idpyoidc.server.token.jwt_token.JWTToken", "kwargs": {"lifetime": 3600}},
        "refresh": {"class": "idpyoidc.server.token.jwt_token.JWTToken", "kwargs": {"lifetime": 86400}},
        "id_token": {
            "class": "idpyoidc.server.token.id_token.IDToken",
            "kwargs": {"base_claims": {"email": {"essential": True}, "email_verified": {"essential": True}}},
        },
    },
    "userinfo": {"class": "idpyoidc.server.user_info.UserInfo", "kwargs": {"db_file": "users.json"}},
}
server = Server(OPConfiguration(configuration, domain="127.0.0.1", port=int(port)), cwd=os.getcwd())
context = server.context
context.httpc_params = {"verify": authorities, "timeout": 10}
context.cdb["mayfly"] = {
    "client_id": "mayfly",
    "client_secret": secret,
    "redirect_uris": [(redirect_uri, {})],
    "response_types_supported": ["code"],
    "token_endpoint_auth_method": "client_secret_basic",
    "id_token_signed_response_alg": "ES256",
    "allowed_scopes": ["openid", "email"],
    "backchannel_logout_uri": logout_uri,
}
context.keyjar.add_symmetric("mayfly", secret)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        self.answer(dict(urllib.parse.parse_qsl(body)))

    def answer(self, form):
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        match parts.path:
            case "/.well-known/openid-configuration":
                self.serve("provider_config", query)
            case "/jwks":
                self.write(200, context.keyjar.export_jwks_as_json(), "application/json")
            case "/authorization":
                self.serve("authorization", query)
            case "/verify/user":
                self.log_in(form)
            case "/token":
                self.serve("token", form)
            case "/session":
                self.serve("session", query)
            case "/verify_logout":
                # The page where the person would say yes.
                endpoint = server.get_endpoint("session")
                endpoint.do_verified_logout(alla=False, **endpoint.unpack_signed_jwt(query["sjwt"]))
                self.write(200, "bye", "text/plain")
            case _:
                self.write(404, "{}", "application/json")

    def serve(self, name, arguments):
        endpoint = server.get_endpoint(name)
        cookies = SimpleCookie(self.headers.get("cookie", ""))
        http_info = {
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "method": self.command,
            "url": issuer + self.path,
            "cookie": [{"name": name, "value": morsel.value} for name, morsel in cookies.items()],
        }
        if name == "session":
            # Its parser stumbles over a browser, which is no client.
            request = EndSessionRequest(**arguments)
        else:
            request = endpoint.parse_request(arguments, http_info=http_info)
        if "error" in request:
            return self.write(400, request.to_json(), "application/json")
        if isinstance(endpoint, Token):
            request = AccessTokenRequest(**request)
        found = endpoint.process_request(request, http_info=http_info)
        if "redirect_location" in found:
            return self.redirect(found["redirect_location"])
        if "http_response" in found:
            return self.write(200, found["http_response"], "text/html")
        self.respond(endpoint, request, found)

    def log_in(self, form):
        method = context.authn_broker.get_method_by_id("user")
        name = method.verify(username=form["username"], password=form["password"])
        asked = method.unpack_token(form["token"])
        request = AuthorizationRequest().from_urlencoded(asked["query"])
        endpoint = server.get_endpoint("authorization")
        session = endpoint.create_session(request, name, asked["authn_class_ref"], asked["iat"], method)
        self.respond(endpoint, request, endpoint.authz_part2(request=request, session_id=session))

    def respond(self, endpoint, request, found):
        found = dict(found)
        reply = endpoint.do_response(request=request, error=found.pop("error", ""), **found)
        cookies = reply.get("cookie", [])
        cookies = [f"{cookie['name']}={cookie['value']}; Path=/" for cookie in (cookies if isinstance(cookies, list) else [cookies])]
        if reply.get("response_placement", endpoint.response_placement) == "body":
            return self.write(reply.get("response_code", 200), reply["response"], "application/json", cookies)
        self.redirect(reply["response"], cookies)

    def redirect(self, address, cookies=()):
        self.send_response(303)
        self.send_header("location", address)
        for cookie in cookies:
            self.send_header("set-cookie", cookie)
        self.send_header("content-length", "0")
        self.end_headers()

    def write(self, status, text, kind, cookies=()):
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        for cookie in cookies:
            self.send_header("set-cookie", cookie)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
