# A receiver of webhooks: python3 webhook-receiver.py PORT SECRET FAILURES SECONDS
# Answers the first FAILURES requests with 500 and every one after SECONDS; where those are fewer than none, at once, with a
# body that does not end. Prints each that it takes as a line of JSON, with
# whether its signature holds by the rules of https://www.standardwebhooks.com.
import base64, hashlib, hmac, http.server, json, sys, threading, time

port, secret, failures, seconds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
key = base64.b64decode(secret.removeprefix("whsec_"))


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global failures
        body = self.rfile.read(int(self.headers["content-length"]))
        time.sleep(max(seconds, 0))
        if failures > 0:
            failures -= 1
            self.answer(500)
            return
        content = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        fresh = abs(time.time() - int(self.headers["webhook-timestamp"])) < 300
        holds = fresh and hmac.compare_digest(expected, self.headers["webhook-signature"])
        document = json.loads(body)
        print(json.dumps({"id": self.headers["webhook-id"], "holds": holds, "type": document["type"], "title": document["data"]["title"], "link": document["data"]["link"], "at": time.time()}), flush=True)
        if seconds < 0:
            self.send_response(200)
            self.send_header("content-length", "10")
            self.end_headers()
            self.wfile.write(b"1")
            threading.Event().wait()
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
print("ready", flush=True)
server.serve_forever()
