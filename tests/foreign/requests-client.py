"""A client of the HTTPS API in Python's requests, written from Microsoft's UCWA documentation and from nothing else.

    python3 requests-client.py ROOT USER PASSWORD OTHER

It signs in, finds OTHER by a search, asks for several resources in one batch, subscribes to OTHER's presence and prints
what it learns about it until OTHER is gone. One JSON object a line.
"""
import email.parser
import json
import re
import sys
import uuid
from urllib.parse import urljoin

import requests

ROOT, USER, PASSWORD, OTHER = sys.argv[1:]
TIMEOUT = 60


def say(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Client:
    def __init__(self):
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"
        self.base = ROOT

    def ask(self, method, href, status, **more):
        answer = self.session.request(method, urljoin(self.base, href), timeout=TIMEOUT, **more)
        if answer.status_code != status:
            raise SystemExit(f"{method} {href}: {answer.status_code} {answer.text}")
        return answer

    def get(self, href, **more):
        return self.ask("GET", href, 200, **more).json()

    def sign_in(self):
        user = self.get(ROOT)["_links"]["user"]["href"]
        challenge = self.ask("GET", user, 401).headers["WWW-Authenticate"]
        token_href = re.search(r'MsRtcOAuth href="([^"]+)"', challenge).group(1)
        token = self.ask("POST", token_href, 200,
                         data={"grant_type": "password", "username": USER, "password": PASSWORD}).json()
        self.session.headers["Authorization"] = f"{token['token_type']} {token['access_token']}"
        applications = self.get(user)["_links"]["applications"]["href"]
        self.base = applications
        self.app = self.ask("POST", applications, 201, json={
            "UserAgent": "UCWA Samples", "EndpointId": str(uuid.uuid4()), "Culture": "en-US"}).json()
        me = self.app["_embedded"]["me"]
        self.ask("POST", me["_links"]["makeMeAvailable"]["href"], 204,
                 json={"signInAs": "Busy", "supportedModalities": ["Messaging"]})
        self.app = self.get(self.app["_links"]["self"]["href"])
        self.next = self.app["_links"]["events"]["href"]
        say("signed-in", id=self.app["id"])

    def search(self):
        people = self.app["_embedded"]["people"]["_links"]
        found = self.get(people["search"]["href"], params={"query": OTHER, "limit": 3})
        self.contact = found["_embedded"]["contact"][0]
        say("found", uri=self.contact["uri"], name=self.contact["name"], more=found["moreResultsAvailable"])
        listed = self.get(people["myContacts"]["href"])["_embedded"]["contact"]
        say("contacts", other=any(c["uri"] == self.contact["uri"] for c in listed))

    def batch(self, hrefs):
        boundary = str(uuid.uuid4())
        parts = "".join(f"--{boundary}\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
                        f"GET {href} HTTP/1.1\r\nHost: lab\r\nAccept: application/json\r\n\r\n" for href in hrefs)
        answer = self.ask("POST", self.app["_links"]["batch"]["href"], 200,
                          data=f"{parts}--{boundary}--\r\n",
                          headers={"Accept": "multipart/batching",
                                   "Content-Type": f"multipart/batching;boundary={boundary}"})
        message = email.parser.BytesParser().parsebytes(
            b"Content-Type: " + answer.headers["Content-Type"].encode() + b"\r\n\r\n" + answer.content)
        for part in message.get_payload():
            head, body = part.get_payload(decode=True).decode().replace("\r\n", "\n").split("\n\n", 1)
            say("part", status=int(head.split()[1]), rel=json.loads(body).get("rel"))

    def keep(self):
        """Reads a resource again only if it has changed."""
        href = self.app["_embedded"]["communication"]["_links"]["self"]["href"]
        first = self.ask("GET", href, 200)
        self.ask("GET", href, 304, headers={"If-None-Match": first.headers["ETag"]})
        mine = {**first.json(), "supportedMessageFormats": ["Plain", "Html"]}
        self.ask("PUT", href, 428, json=mine)
        changed = self.ask("PUT", href, 200, json=mine, headers={"If-Match": first.headers["ETag"]})
        self.ask("PUT", href, 412, json=mine, headers={"If-Match": first.headers["ETag"]})
        say("kept", formats=changed.json()["supportedMessageFormats"])

    def events(self):
        while True:
            # Medium priority waits five seconds at least, which is what presence has.
            packet = self.get(self.next, params={"medium": 5})
            self.next = packet["_links"].get("next", packet["_links"].get("resume"))["href"]
            for sender in packet["sender"]:
                for event in sender["events"]:
                    yield sender["rel"], event

    def watch(self):
        subscriptions = self.app["_embedded"]["people"]["_links"]["presenceSubscriptions"]["href"]
        self.subscription = self.ask("POST", subscriptions, 201,
                                     json={"duration": 11, "Uris": [self.contact["uri"]]}).json()
        say("watching")
        last = None
        for sender, event in self.events():
            link = event["link"]
            if sender != "people" or link["rel"] not in ("contactPresence", "contactNote"):
                continue
            if event["in"]["href"] != self.contact["_links"]["self"]["href"]:
                raise SystemExit(f"an event of somebody else: {event}")
            news = self.get(link["href"])
            if link["rel"] == "contactNote":
                say("note", message=news["message"])
                continue
            if news["availability"] != last:
                say("presence", availability=news["availability"], device=news["deviceType"])
            if last not in (None, "Offline") and news["availability"] == "Offline":
                return
            last = news["availability"]

    def sign_out(self):
        self.ask("POST", self.subscription["_links"]["self"]["href"], 200, params={"duration": 11})
        self.ask("DELETE", self.subscription["_links"]["self"]["href"], 204)
        self.ask("DELETE", self.app["_links"]["self"]["href"], 204)
        say("signed-out")


client = Client()
client.sign_in()
client.search()
client.batch([client.app["_embedded"]["me"]["_links"]["self"]["href"],
              client.app["_embedded"]["people"]["_links"]["myGroups"]["href"],
              client.app["_links"]["self"]["href"] + "/onlineMeetings/myOnlineMeetings"])
client.keep()
client.watch()
client.sign_out()
