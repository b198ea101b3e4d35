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
import time
from urllib.parse import quote, urlencode, urlsplit

# Longest wait in seconds, in real time, unless a call says otherwise.
PATIENCE = 20

_CONDITIONS = {'user', 'fields', 'headers', 'bodyContains', 'conversation', 'hop', 'phone', 'key', 'count', 'from', 'order'}


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


def _members(keywords):
    """As the lab API spells them: enablePush for enable_push, and from for from_."""
    return {re.sub('_([a-z])', lambda match: match[1].upper(), name.rstrip('_')): value for name, value in keywords.items()}


def _conditions(values):
    """As the lab API takes them: a value is a string, or a pattern of re."""
    return {name: {'matches': value.pattern} if isinstance(value, re.Pattern) else str(value)
            for name, value in values.items()}


def _expectation(kind, conditions):
    conditions = _members(conditions)
    unknown = sorted(conditions.keys() - _CONDITIONS)
    if unknown:
        raise TypeError(f'there is no condition {", ".join(unknown)}; there are {", ".join(sorted(_CONDITIONS))}, and the timeout of '
                        'a wait, in seconds')
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


def _path(user):
    return quote(_address(user), safe='')


def _number(conversation):
    return conversation['id'] if isinstance(conversation, dict) else conversation


def _is_text(content_type):
    return re.search('^text/|json|xml', content_type) is not None


def _parse(content_type, data):
    """What JSON says, text, or the bytes of what is neither."""
    if data and content_type == 'application/json':
        return json.loads(data)
    return data.decode() if _is_text(content_type) else data


def _query(values):
    given = {name: _address(value) for name, value in _members(values).items() if value is not None}
    return f'?{urlencode(given)}' if given else ''


class Lab:
    """A lab. As a context manager it ends with the block, if it was started here."""

    def __init__(self, ready, token=None, ca=None):
        self.ready, self.token, self.ca = ready, token, ca or ready.get('ca')
        self.daemon = self.folder = None

    # ---- life ----

    @classmethod
    def open(cls, **options):
        """Join the lab of the environment if there is one, else start one; options of join() or start() decide before it does."""
        is_there = os.environ.get('MCXD_READY_FILE') or os.environ.get('MCXD_LAB')
        if options.get('ready_file') or options.get('url') or is_there and not options.keys() & {'mcxd', 'settings', 'args'}:
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
                try:
                    daemon = subprocess.Popen([*command, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
                except FileNotFoundError as error:
                    raise RuntimeError(f'there is no program {command[0]}; put mcxd into the PATH, or name it in MCXD') from error
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

    def _ask(self, method, where, body=None, timeout=PATIENCE):
        headers = {'Content-Type': 'application/json'}
        if self.token:
            headers['Authorization'] = f'Bearer {self.token}'
        connection = self._connect(timeout + PATIENCE)
        try:
            connection.request(method, f'/lab/v1/{where}', None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read()
        finally:
            connection.close()

    def request(self, method, where, body=None, timeout=PATIENCE):
        """A request of the lab API (a path below /lab/v1/); returns the status and the body: what JSON says, or text, or the bytes
        of what is neither."""
        status, content_type, data = self._ask(method, where, body, timeout)
        return status, _parse(content_type, data)

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

    def patch(self, where, body):
        return self.call('PATCH', where, body)

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

    def follow(self, timeout=PATIENCE, **filters):
        """New records that pass these filters, one by one as they come, for a "for"; with `from`, those from this number on. It
        has begun when this returns. A record has to come within the timeout."""
        return Follower(self, timeout, {**filters, 'follow': 1})

    # ---- what the lab has ----

    def status(self):
        return self.get('status')

    def settings(self):
        """All settings: name, value, default, help."""
        return self.get('settings')['settings']

    def change(self, settings):
        """Change settings that are live, as in {'core.invite_timeout': '5s'}; None: what the daemon was started with."""
        return self.patch('settings', settings)['settings']

    def limits(self):
        return self.get('limits')['limits']

    def endpoints(self, user=None):
        """SIP contacts and phones of a user, or of all."""
        return self.get(f"endpoints{_query({'user': user})}")['endpoints']

    def phones(self, user=None):
        """Phones, with what is on their screens."""
        return self.get(f"phones{_query({'user': user})}")['phones']

    def conversations(self, **filters):
        """Conversations that pass these filters (user, state), newest last."""
        return self.get(f'conversations{_query(filters)}')['conversations']

    def story(self, conversation):
        """All records of a conversation, from all hops."""
        return self.get(f'conversations/{_number(conversation)}/story')['records']

    def pushes(self, user=None):
        """pushes and notSent of a user, or of all."""
        return self.get(f"pushes{_query({'user': user})}")

    def push(self, number):
        """One push, hop by hop."""
        return self.get(f'pushes/{number}')

    def explain(self, user):
        """Why a user's phone gets no notification: advice and findings, in sentences; advice is None if nothing is in the way."""
        return self.get(f'users/{_path(user)}/explanation')

    def user(self, name, **policy):
        """A new user, whom no other test knows, with aor, displayName and password; policy: as for update()."""
        password = secrets.token_hex(8)
        aor = f'{name}-{secrets.token_hex(4)}@lab.test'
        user = self.post('users', {'aor': aor, 'displayName': name.capitalize(), 'password': password,
                                   **_members(policy)})
        return {**user, 'password': password}

    def users(self, *names):
        return [self.user(name) for name in names]

    def everybody(self):
        """Also those of the users file."""
        return self.get('users')['users']

    def find(self, user):
        """What the lab says of a user."""
        return self.get(f'users/{_path(user)}')

    def update(self, user, **change):
        """Change displayName, password, number, enableMobility or enablePush, also in snake_case."""
        return self.patch(f'users/{_path(user)}', _members(change))

    def remove(self, user):
        """Remove one whom the API added."""
        return self.delete(f'users/{_path(user)}')

    def conversation(self, user):
        """The newest conversation of this user."""
        conversations = self.conversations(user=user)
        assert conversations, f'{_address(user)} had no conversation'
        return conversations[-1]

    def metric(self, name):
        return {row['name']: row['value'] for row in self.get('metrics')['metrics']}[name]

    def export(self, what, format, **options):
        """A conversation, or with "journal" everything, in a format: sipstack, jsonl, har, text, svg, mermaid are text, pcapng
        is bytes."""
        where = 'journal' if what == 'journal' else f'conversations/{_number(what)}'
        where = f"{where}/export{_query({'format': format, **options})}"
        status, content_type, data = self._ask('GET', where)
        if status != 200:
            raise LabError('GET', where, status, _parse(content_type, data))
        return data.decode() if _is_text(content_type) else data

    # ---- time ----

    def clock(self):
        return self.get('clock')

    def advance(self, seconds):
        """Move the lab's clock; returns when everything that was due has happened. It is everybody's."""
        return self.post('clock/advance', {'ms': int(seconds * 1000)})

    def freeze(self):
        """Let the clock stand still; messages are served all the same."""
        return self.post('clock/freeze')

    def resume(self):
        return self.post('clock/resume')

    def expire(self, what, of):
        """Let the time of one thing be over, and nobody else's move: a "conversation" (it or its number), or the only "session",
        "subscription" or "registration" of a user, or that of an application's or contact's id."""
        of_what = {
            'conversation': ('conversations', 'expire', None, None), 'session': ('phones', 'expire', 'phone', 'appId'),
            'subscription': ('phones', 'subscription/expire', 'phone', 'appId'),
            'registration': ('contacts', 'expire', 'contact', 'id')}
        if what not in of_what:
            raise TypeError(f'"{what}" does not expire; there are {", ".join(of_what)}')
        where, rest, kind, name = of_what[what]
        if not kind:
            found = _number(of)
        elif '@' not in str(_address(of)):
            found = of
        else:
            ids = [endpoint[name] for endpoint in self.endpoints(of) if endpoint['type'] == kind]
            if len(ids) != 1:
                raise AssertionError(f'{_address(of)} has {len(ids)} of "{kind}", not one')
            found = ids[0]
        self.post(f'{where}/{found}/{rest}')

    def reset(self, user=None):
        """End what is under way and forget what was: of a user, or of all."""
        self.post('reset', {'user': _address(user)} if user else {})

    def export_lab(self):
        """The whole lab as one object; passwords are in it by the UNIX socket only."""
        return self.get('export')

    def import_lab(self, snapshot):
        """Reset everything, and let the lab be as it was when this was exported."""
        return self.post('import', snapshot)

    # ---- faults ----

    def faults(self):
        """What is broken, with how often it has struck."""
        return self.get('faults')['faults']

    def break_down(self, faults, seed=None):
        """Break this, one or a list, and nothing else: where, what, and maybe status, ms, times, nth, probability, user."""
        body = {'faults': [faults] if isinstance(faults, dict) else list(faults)}
        return self.put('faults', body if seed is None else {**body, 'seed': seed})['faults']

    def mend(self):
        """Mend everything."""
        self.delete('faults')

    def test_push(self, edge=None):
        """Test-CsMcxPushNotification: result, error, latencyUs."""
        return self.post('test-push', {'edge': edge} if edge else {})

    # ---- people ----

    def actors(self):
        """All that the lab hosts."""
        return [Actor(self, actor) for actor in self.get('actors')['actors']]

    def desktop(self, user, **options):
        """A desktop of this user, hosted by the lab and signed in."""
        return Actor.signed_in(self, 'desktop', user, **options)

    def phone(self, user, **options):
        """A phone of this user, the same."""
        return Actor.signed_in(self, 'phone', user, **options)


class Follower:
    """Records of the journal as they come."""

    def __init__(self, lab, timeout, filters):
        self.timeout = timeout
        where = f'journal{_query(filters)}'
        self.connection = lab._connect(timeout)
        headers = {'Authorization': f'Bearer {lab.token}'} if lab.token else {}
        self.connection.request('GET', f'/lab/v1/{where}', headers=headers)
        self.answer = self.connection.getresponse()
        if self.answer.status != 200:
            text = self.answer.read().decode()
            self.close()
            raise LabError('GET', where, self.answer.status, json.loads(text))
        next(self)

    def __iter__(self):
        return self

    def __next__(self):
        event, late = '', time.monotonic() + self.timeout
        while time.monotonic() < late:
            try:
                line = self.answer.readline().decode()
            except socket.timeout:
                break
            if not line:
                self.close()
                raise StopIteration
            if line.startswith('event: '):
                event = line[7:].strip()
            elif line.startswith('data: '):
                data = json.loads(line[6:])
                if event == 'lost':
                    raise LookupError(f"records {data['from']} to {data['to']} were dropped before they could be read")
                return data
        self.close()
        raise TimeoutError(f'no record came within {self.timeout} s')

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Actor:
    """A desktop or phone that the lab hosts, told what to do and watched."""

    def __init__(self, lab, actor):
        self.lab, self.id, self.user, self.start = lab, actor['id'], actor['user'], 1

    @classmethod
    def make(cls, lab, kind, user, **options):
        """A new one of this kind, which has not signed in."""
        return cls(lab, lab.post('actors', {'kind': kind, 'user': _address(user), **options}))

    @classmethod
    def signed_in(cls, lab, kind, user, **options):
        actor = cls.make(lab, kind, user, **options)
        actor.sign_in()
        actor.expect('subscribed' if kind == 'phone' else 'registered')
        return actor

    def do(self, command, **body):
        """Give an order, such as 'send' with to and text; returns what its person sees then."""
        return self.lab.post(f'actors/{self.id}/{command}', body or None)

    def send(self, text, to=None):
        """Write to somebody, or in the conversation that is open."""
        return self.do('send', text=text, **({'to': _address(to)} if to else {}))

    def refused(self, command, **body):
        """The refusal of an order: status, message."""
        status, answer = self.lab.request('POST', f'actors/{self.id}/{command}', body or None)
        return {'status': status, 'message': answer.get('error', {}).get('message')}

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


def _order(name):
    def give(self):
        return self.do(name)
    give.__name__ = name.replace('-', '_')
    return give


# An order of each name: alice.accept(), bob.lose_network().
for _name in ('sign-in', 'sign-out', 'type', 'accept', 'decline', 'ignore', 'cancel', 'bye', 'open', 'background', 'lock', 'unlock',
              'dismiss', 'lose-network', 'network-back', 'switch-off', 'switch-on'):
    setattr(Actor, _name.replace('-', '_'), _order(_name))
