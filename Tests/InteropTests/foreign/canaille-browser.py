#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A browser without a window: follows ADDRESS, fills in canaille's forms, and ends where it is sent back to.

canaille-browser.py ADDRESS USER PASSWORD       needs httpx, which canaille brings
"""
import html
import re
import sys
from urllib.parse import urljoin

import httpx

address, user, password = sys.argv[1:]
provider = httpx.URL(address).netloc


def fields(page):
    found = {}
    for tag in re.findall(r"<(?:input|button)[^>]*>", page):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name:
            found.setdefault(name.group(1), html.unescape(value.group(1)) if value else "")
    return found


with httpx.Client(timeout=20, trust_env=False) as client:
    reply = client.get(address)
    for _ in range(15):
        if reply.is_redirect:
            reply = client.get(urljoin(str(reply.url), reply.headers["location"]))
            continue
        if reply.url.netloc != provider:
            sys.exit(0 if reply.status_code == 200 else f"sent back, and refused: {reply.text}")
        form = fields(reply.text)
        answers = {"login": user, "password": password, "answer": "accept"}
        filled = {name: answers[name] for name in answers if name in form}
        if not filled:
            sys.exit(f"nothing to fill in at {reply.url.path}: {reply.status_code}")
        if "csrf_token" in form:
            filled["csrf_token"] = form["csrf_token"]
        reply = client.post(str(reply.url), data=filled, headers={"Referer": str(reply.url)})
sys.exit("never sent back")
