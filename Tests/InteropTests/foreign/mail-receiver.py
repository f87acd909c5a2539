# A mail server of others, aiosmtpd or else Python's own: python3 mail-receiver.py PORT
# Prints each message as a line of JSON.
import email, email.policy, json, sys, time, warnings

port = int(sys.argv[1])


def take(recipients, data):
    message = email.message_from_bytes(data, policy=email.policy.default)
    print(json.dumps({"to": recipients, "subject": str(message["subject"]), "id": str(message["message-id"]), "text": message.get_content(), "at": time.time()}), flush=True)


try:
    from aiosmtpd.controller import Controller

    class Handler:
        async def handle_DATA(self, server, session, envelope):
            take(envelope.rcpt_tos, envelope.original_content)
            return "250 taken"

    Controller(Handler(), hostname="127.0.0.1", port=port).start()
    print("ready", flush=True)
    while True:
        time.sleep(60)
except ImportError:
    warnings.simplefilter("ignore")
    import asyncore, smtpd

    class Server(smtpd.SMTPServer):
        def process_message(self, peer, sender, recipients, data, **options):
            take(recipients, data)

    Server(("127.0.0.1", port), None)
    print("ready", flush=True)
    asyncore.loop()
