#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A person in front of Chromium: opens ADDRESS, logs in at canaille, agrees, and ends on the page that canaille sends them back to.

canaille-browser.py ADDRESS USER PASSWORD       needs the Debian packages chromium and chromium-driver

chromedriver speaks WebDriver (W3C): JSON over HTTP.
"""
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

address, user, password = sys.argv[1:]
provider = urlsplit(address).netloc
# As root there is no sandbox, in a container little shared memory.
arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
element = "element-6066-11e4-a52e-4f735466cecf"
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Browser:
    def __init__(self, port):
        self.path = f"http://127.0.0.1:{port}/session"
        options = {"binary": "/usr/bin/chromium", "args": arguments}
        session = self.call("POST", "", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.path += "/" + session["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.path + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with direct.open(request, timeout=60) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {json.load(error)['value']['message']}")

    def find(self, selector):
        found = self.call("POST", "/elements", {"using": "css selector", "value": selector})
        return f"/element/{found[0][element]}" if found else None

    def text(self):
        return self.call("GET", self.find("body") + "/text")


def log_in(browser):
    browser.call("POST", "/url", {"url": address})
    for _ in range(10):
        here = urlsplit(browser.call("GET", "/url"))
        if here.netloc != provider:
            print(f"back at {here.path}: {browser.text()}")
            return "go back to your terminal" in browser.text()
        for name, value in (("login", user), ("password", password)):
            if field := browser.find(f"input[name={name}]"):
                print(f"{name} at {here.path}")
                browser.call("POST", field + "/value", {"text": value})
        button = browser.find("button[name=answer][value=accept]")
        if button:
            print(f"consent at {here.path}")
        button = button or browser.find("button.primary[type=submit]")
        if not button:
            sys.exit(f"nothing to click at {here.path}: {browser.text()}")
        browser.call("POST", button + "/click", {})
    return False


driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
try:
    ready = next(found for line in driver.stdout if (found := re.search(r"successfully on port (\d+)", line)))
    browser = Browser(ready.group(1))
    try:
        sys.exit(0 if log_in(browser) else "never sent back")
    finally:
        browser.call("DELETE", "")
finally:
    driver.terminate()
    driver.wait()
