# A mail server for one message: python3 mailserver.py CERTIFICATE KEY starttls|implicit|plain|inject OFFERS
# Prints its port, then what it was told, as one line of JSON; the message as Python's own parser reads it.
import base64, email, email.policy, json, socket, ssl, sys

certificate, key, mode, offers = sys.argv[1:5]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
heard = {"commands": [], "secured": [], "auth": None, "message": None}


def serve(connection):
    secured = mode == "implicit"
    if secured:
        connection = context.wrap_socket(connection, server_side=True)
    stream = connection.makefile("rwb")

    def say(text):
        stream.write(text.encode() + b"\r\n")
        stream.flush()

    say("220 mail.example.com ESMTP")
    while line := stream.readline():
        words = line.decode().rstrip("\r\n").split(" ")
        verb = words[0].upper()
        heard["commands"].append(verb if verb == "AUTH" else line.decode().rstrip("\r\n"))
        heard["secured"].append(secured)
        if verb == "EHLO":
            lines = ["mail.example.com", "8BITMIME"] + ([] if secured else ["STARTTLS"] if mode in ("starttls", "inject") else []) + [o for o in offers.split(",") if o]
            stream.write("".join(f"250{'-' if i < len(lines) - 1 else ' '}{l}\r\n" for i, l in enumerate(lines)).encode())
            stream.flush()
        elif verb == "STARTTLS":
            say("220 go" + ("\r\n250 injected before TLS" if mode == "inject" else ""))
            before = stream  # Python closes what nobody holds
            connection = context.wrap_socket(connection, server_side=True)
            stream, secured = connection.makefile("rwb"), True
        elif verb == "AUTH":
            heard["auth"] = base64.b64decode(words[2]).decode().split("\0")
            say("235 welcome" if heard["auth"][2] == "secret" else "535 no: " + words[2])
        elif verb == "DATA":
            say("354 go on")
            data = b""
            while (part := stream.readline()) != b".\r\n":
                data += part[1:] if part.startswith(b".") else part
            message = email.message_from_bytes(data, policy=email.policy.default)
            heard["message"] = {"headers": {k.lower(): str(v) for k, v in message.items()}, "text": message.get_content(), "defects": len(message.defects) + sum(len(v.defects) for v in message.values())}
            say("250 taken")
        elif verb == "RCPT" and "<gone@" in line.decode():
            say("550 nobody")
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("250 fine")


try:
    serve(listener.accept()[0])
except (OSError, ValueError, ssl.SSLError) as error:
    heard["error"] = type(error).__name__
print(json.dumps(heard), flush=True)
