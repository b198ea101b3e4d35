"""A client of mcxd's lab API for tests, in one file and with the standard library alone (Python 3.8 or newer): copy it to where
your tests are.

    with Lab.open() as lab:                       # join the lab of the environment (mcxd exec -- COMMAND), or start one
        alice, bob = lab.desktop('alice@lab.test'), lab.phone('bob@lab.test')
        bob.do('background')
        alice.do('send', to=bob.user, text='Hi Brendan')
        bob.expect('toast', text='Hi Brendan')

Nothing here sleeps or asks again and again: the lab answers when a record is there, or says what came closest.
"""
import http.client
import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
from urllib.parse import urlencode, urlsplit

# Longest wait in seconds, in real time, unless a call says otherwise.
PATIENCE = 20


class LabError(Exception):
    """The lab refused a request, or answered it with an error."""

    def __init__(self, method, where, status, body):
        message = body['error']['message'] if isinstance(body, dict) and 'error' in body else body
        super().__init__(f'{method} {where}: {status} {message}')
        self.status, self.body = status, body


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__('lab', timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def _address(user):
    """Of a user, an actor, or what is one already."""
    if isinstance(user, dict):
        return user['aor']
    return getattr(user, 'user', user)


def _conditions(values):
    """As the lab API takes them: a value is a string, or a pattern of re."""
    return {name: {'matches': value.pattern} if isinstance(value, re.Pattern) else str(value)
            for name, value in values.items()}


def _expectation(kind, conditions):
    body = {name: value for name, value in conditions.items() if value is not None}
    if kind:
        body['kind'] = kind
    if 'user' in body:
        body['user'] = _address(body['user'])
    for name in ('fields', 'headers'):
        if name in body:
            body[name] = _conditions(body[name])
    if 'order' in body:
        body['order'] = [_expectation(step['kind'], {n: v for n, v in step.items() if n != 'kind'}) for step in body['order']]
    return body


def _query(values):
    given = {name: _address(value) for name, value in values.items() if value is not None}
    return f'?{urlencode(given)}' if given else ''


class Lab:
    """A lab. As a context manager it ends with the block, if it was started here."""

    def __init__(self, ready, token=None, ca=None):
        self.ready, self.token, self.ca = ready, token, ca or ready.get('ca')
        self.daemon = self.folder = None

    # ---- life ----

    @classmethod
    def open(cls, **options):
        """Join the lab of the environment if there is one, else start one."""
        if os.environ.get('MCXD_READY_FILE') or os.environ.get('MCXD_LAB'):
            return cls.join(**options)
        return cls.start(**options)

    @classmethod
    def join(cls, ready_file=None, url=None, token=None, ca=None):
        """Join a running lab: that of a ready file, or one at a URL, by default those of the environment. Behind a token
        (lab.token_file) it has to be given; ca is a file with the authority, for a lab that speaks HTTPS."""
        ready_file = ready_file or (None if url else os.environ.get('MCXD_READY_FILE'))
        if ready_file:
            with open(ready_file, encoding='utf-8') as file:
                ready = json.load(file)
        else:
            ready = {'lab': url or os.environ['MCXD_LAB']}
        lab = cls(ready, token, ca)
        lab.status()
        return lab

    @classmethod
    def start(cls, mcxd=None, settings=None, args=()):
        """Start a lab of its own on free ports, which ends with this process at the latest. mcxd: the program. settings: as in
        {'core.invite_timeout': '10s'}. args: further options of mcxd."""
        folder = tempfile.mkdtemp(prefix='lab-')
        ready_file = os.path.join(folder, 'ready.json')
        command = [mcxd or os.environ.get('MCXD', 'mcxd'), '--any-port', '--ephemeral', '--ready-file', ready_file,
                   f'--exit-with-parent={os.getpid()}']
        for name, value in (settings or {}).items():
            command += ['--set', f'{name}={value}']
        log_path = os.path.join(folder, 'log')
        daemon = None
        try:
            with open(log_path, 'wb') as log:
                daemon = subprocess.Popen([*command, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
            late = threading.Timer(PATIENCE, daemon.kill)
            late.start()
            try:
                is_ready = any(line == b'ready\n' for line in daemon.stdout)
            finally:
                late.cancel()
            if not is_ready:
                with open(log_path, encoding='utf-8', errors='replace') as log:
                    raise RuntimeError(f'mcxd did not become ready and ended with {daemon.wait()}:\n{log.read()}')
            lab = cls.join(ready_file)
        except BaseException:
            if daemon:
                daemon.kill()
                daemon.wait()
                daemon.stdout.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        lab.daemon, lab.folder = daemon, folder
        return lab

    def stop(self):
        """End a lab that was started here; one that was joined goes on."""
        if self.daemon:
            self.daemon.terminate()
            try:
                self.daemon.wait(PATIENCE)
            finally:
                self.daemon.kill()
                self.daemon.stdout.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # ---- HTTP ----

    def _connect(self, timeout):
        if 'lab_socket' in self.ready:
            return _UnixConnection(self.ready['lab_socket'], timeout)
        url = urlsplit(self.ready['lab'])
        if url.scheme == 'https':
            return http.client.HTTPSConnection(url.netloc, timeout=timeout, context=ssl.create_default_context(cafile=self.ca))
        return http.client.HTTPConnection(url.netloc, timeout=timeout)

    def request(self, method, where, body=None, timeout=PATIENCE):
        """A request of the lab API (a path below /lab/v1/); returns the status and the body, parsed if it is JSON."""
        headers = {'Content-Type': 'application/json'}
        if self.token:
            headers['Authorization'] = f'Bearer {self.token}'
        connection = self._connect(timeout + PATIENCE)
        try:
            connection.request(method, f'/lab/v1/{where}', None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if text and answer.headers.get_content_type() == 'application/json':
                return answer.status, json.loads(text)
            return answer.status, text
        finally:
            connection.close()

    def call(self, method, where, body=None):
        """The same, of which nothing but success is expected; returns the body."""
        status, answer = self.request(method, where, body)
        if status >= 300:
            raise LabError(method, where, status, answer)
        return answer

    def get(self, where):
        return self.call('GET', where)

    def post(self, where, body=None):
        return self.call('POST', where, body)

    def put(self, where, body):
        return self.call('PUT', where, body)

    def delete(self, where):
        return self.call('DELETE', where)

    # ---- the journal ----

    def wait(self, kind=None, timeout=PATIENCE, **conditions):
        """Wait until there is a record of this kind; returns it (a list if count is given). Conditions: user, fields, headers,
        bodyContains, conversation, hop, phone, key, or order, a list of such. Records that are in the journal already count,
        from number `from` on. A failure says what came closest."""
        body = {**_expectation(kind, conditions), 'timeoutMs': int(timeout * 1000)}
        records = self.expect('wait', body, timeout)['records']
        return records if 'count' in conditions or 'order' in conditions else records[0]

    def verify(self, kind=None, **conditions):
        """The same of what is in the journal now."""
        return self.expect('verify', _expectation(kind, conditions))['records']

    def never(self, kind=None, **conditions):
        """There is no such record now."""
        self.expect('verify', {**_expectation(kind, conditions), 'never': True})

    def never_within(self, seconds, kind=None, **conditions):
        """No such record comes before the lab's clock has moved so far: advance it meanwhile, or let it run."""
        self.expect('wait', {**_expectation(kind, conditions), 'neverWithinMs': int(seconds * 1000)}, seconds)

    def expect(self, how, asked, timeout=PATIENCE):
        """"wait" or "verify" with a body as the lab API takes it; a 409 is an assertion that failed."""
        status, answer = self.request('POST', how, asked, timeout)
        if status == 409:
            raise AssertionError(f"{how} {json.dumps(asked)}: {answer['error']['message']}")
        if status != 200:
            raise LabError('POST', how, status, answer)
        return answer

    def records(self, **filters):
        """All records so far that pass these filters."""
        found, start, last = [], 1, 1
        while start <= last:
            page = self.get(f"journal{_query({**filters, 'from': start})}")
            found += page['records']
            start, last = page['next'], page['last']
        return found

    # ---- what the lab has ----

    def status(self):
        return self.get('status')

    def user(self, name, **policy):
        """A new user, whom no other test knows, with aor, displayName and password."""
        password = secrets.token_hex(8)
        aor = f'{name}-{secrets.token_hex(4)}@lab.test'
        user = self.post('users', {'aor': aor, 'displayName': name.capitalize(), 'password': password, **policy})
        return {**user, 'password': password}

    def users(self, *names):
        return [self.user(name) for name in names]

    def conversation(self, user):
        """The newest conversation of this user."""
        conversations = self.get(f"conversations{_query({'user': user})}")['conversations']
        assert conversations, f'{_address(user)} had no conversation'
        return conversations[-1]

    def metric(self, name):
        return {row['name']: row['value'] for row in self.get('metrics')['metrics']}[name]

    def export(self, what, format, **options):
        """A conversation, or with "journal" everything, as text in a format: sipstack, jsonl, text, svg, mermaid."""
        number = what['id'] if isinstance(what, dict) else what
        where = 'journal' if what == 'journal' else f'conversations/{number}'
        return self.get(f"{where}/export{_query({'format': format, **options})}")

    # ---- time ----

    def clock(self):
        return self.get('clock')

    def advance(self, seconds):
        """Move the lab's clock; returns when everything that was due has happened. It is everybody's."""
        return self.post('clock/advance', {'ms': int(seconds * 1000)})

    # ---- people ----

    def desktop(self, user, **options):
        """A desktop of this user, hosted by the lab and signed in."""
        return Actor.sign_in(self, 'desktop', user, **options)

    def phone(self, user, **options):
        """A phone of this user, the same."""
        return Actor.sign_in(self, 'phone', user, **options)


class Actor:
    """A desktop or phone that the lab hosts, told what to do and watched."""

    def __init__(self, lab, actor):
        self.lab, self.id, self.user, self.start = lab, actor['id'], actor['user'], 1

    @classmethod
    def make(cls, lab, kind, user, **options):
        """A new one of this kind, which has not signed in."""
        return cls(lab, lab.post('actors', {'kind': kind, 'user': _address(user), **options}))

    @classmethod
    def sign_in(cls, lab, kind, user, **options):
        actor = cls.make(lab, kind, user, **options)
        actor.do('sign-in')
        actor.expect('subscribed' if kind == 'phone' else 'registered')
        return actor

    def do(self, command, **body):
        """Give an order, such as 'send' with to and text; returns what its person sees then."""
        return self.lab.post(f'actors/{self.id}/{command}', body or None)

    def expect(self, event, **fields):
        """Wait until this has happened to it, after what the last call waited for; returns the record."""
        record = self.lab.wait('actor', user=self.user, fields={'actor': self.id, 'event': event, **fields},
                               **{'from': self.start})
        self.start = record['seq'] + 1
        return record

    def see(self):
        """What the person sees."""
        return self.lab.get(f'actors/{self.id}')

    def remove(self):
        return self.lab.delete(f'actors/{self.id}')
