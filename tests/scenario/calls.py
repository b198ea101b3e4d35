"""Every call of tests/clients/lab.py: one that no line here uses fails."""
import json
import os

import lab as client
from lab import Actor, Follower, Lab, LabError

UNUSED = set()


def watch(cls):
    for name, what in list(vars(cls).items()):
        if name.startswith('_') or not callable(getattr(cls, name)):
            continue
        label = f'{cls.__name__}.{name}'
        UNUSED.add(label)
        is_class_method = isinstance(what, classmethod)
        original = what.__func__ if is_class_method else what

        def used(*args, _label=label, _original=original, **options):
            UNUSED.discard(_label)
            return _original(*args, **options)
        setattr(cls, name, classmethod(used) if is_class_method else used)


def refused(call, *args, error=LabError):
    try:
        call(*args)
    except error as e:
        return e
    raise AssertionError(f'{call} was not refused')


def the_lab(lab):
    assert any(row['name'] == 'core.invite_timeout' for row in lab.settings())
    lab.change({'core.invite_timeout': '50s'})
    assert len(lab.limits()) > 20
    assert lab.metric('core_conversations') == 0
    assert lab.test_push()['result'] == 'Success'
    assert not lab.clock()['frozen']
    assert lab.advance(1)['offsetMs'] == 1000
    assert lab.freeze()['frozen']
    assert not lab.resume()['frozen']


def people(lab):
    carol = lab.user('carol')
    assert any(user['aor'] == carol['aor'] for user in lab.everybody())
    lab.update(carol, enablePush=False)
    assert not lab.find(carol)['enablePush']
    assert 'push=yes' in lab.explain(carol)['advice']
    lab.remove(carol)
    assert refused(lab.find, carol).status == 404


def a_talk(lab, alice, bob):
    with lab.follow(user=bob, kind='toast') as story:
        bob.background()
        lab.wait('state', user=bob, fields={'to_state': 'AWAY'}, **{'from': bob.start})
        alice.send('Hi', bob)
        assert next(story)['fields']['text2'] == 'Hi'
    bob.expect('toast')
    lab.wait('push', user=bob, fields={'state': 'accepted'})
    lab.verify('toast', user=bob)
    assert lab.phones(bob)[0]['toasts'][0]['text'] == 'Hi'
    assert lab.push(lab.pushes(bob)['pushes'][0]['id'])['hops'][0]['from'] == 'front-end'
    bob.accept()
    alice.expect('connected')
    bob.expect('connected')
    bob.type()
    alice.bye()
    bob.expect('ended')
    conversation = lab.conversations(user=bob)[0]
    assert lab.conversation(bob) == conversation
    assert len(lab.story(conversation)) > 10
    assert 'INVITE' in lab.export(conversation, 'text')
    assert json.loads(lab.export(conversation, 'har'))['log']['entries']
    assert refused(lab.export, conversation, 'png').status == 400
    assert len(lab.records(user=bob, kind='sip')) > 5


def refusals(lab, alice, bob):
    assert refused(bob.accept).status == 409
    assert bob.refused('accept')['status'] == 409
    assert 'text' in bob.refused('send', to=alice.user)['message']
    assert alice.refused('send', to=bob.user, text='yes') == {'status': 200, 'message': None}
    bob.expect('invited')
    alice.cancel()
    alice.expect('failed')
    alice.send('no', bob)
    bob.expect('invited')
    bob.decline()
    alice.expect('failed')
    alice.send('later', bob)
    bob.expect('invited')
    bob.ignore()
    alice.cancel()
    alice.expect('failed')
    alice.send('late', bob)
    bob.expect('invited')
    lab.expire('conversation', lab.conversation(bob))
    alice.expect('failed')
    lab.never('raw', user=alice)
    lab.advance(1)
    lab.never_within(0.001, 'raw', user=alice)


def unknown_conditions(lab):
    for name, call in [
            ('timeoutMs', lambda: lab.wait('toast', timeoutMs=200)),
            ('timeoutMs', lambda: lab.wait('toast', timeout=1, timeoutMs=200)),
            ('bodyHas', lambda: lab.wait(order=[{'kind': 'toast', 'body_has': 'Hi'}])),
            ('timeout', lambda: lab.verify('toast', timeout=1)),
            ('never', lambda: lab.never('toast', never=False)),
            ('neverWithinMs', lambda: lab.never_within(1, 'toast', neverWithinMs=1))]:
        assert f'no condition {name};' in str(refused(call, error=TypeError)), name


def a_day(bob):
    bob.lock()
    bob.unlock()
    bob.open()
    bob.lose_network()
    bob.network_back()
    refused(bob.dismiss)
    bob.switch_off()
    assert bob.see()['screen'] == 'off'
    bob.switch_on()


def faults(lab):
    once = {'where': 'edge→clearing-house', 'what': 'status', 'status': 503, 'times': 1}
    assert [fault['status'] for fault in lab.break_down([once, {**once, 'status': 500}], 7)] == [503, 500]
    assert lab.break_down(once, seed=7)[0]['times'] == 1
    assert lab.test_push()['result'] == 'Failure'
    assert lab.faults()[0]['struck'] == 1
    lab.mend()
    assert lab.faults() == []


def names(lab):
    user = lab.user('zoe', enable_push=False)
    assert user['enablePush'] is False
    assert lab.update(user, enable_push=True)['enablePush'] is True
    phone = lab.phone(user)
    assert lab.verify('user', user=user, from_=1)[0]['seq'] >= 1
    lab.expire('session', user)
    refused(lab.expire, 'session', user, error=AssertionError)
    refused(lab.expire, 'tomorrow', user, error=TypeError)
    phone.remove()


def ends(lab, alice, bob):
    lab.expire('subscription', bob)
    lab.expire('session', bob)
    assert lab.endpoints(bob) == []
    refused(lab.expire, 'session', bob, error=AssertionError)
    lab.expire('registration', alice)
    other = Actor.make(lab, 'desktop', alice)
    other.sign_in()
    other.expect('registered')
    other.sign_out()
    other.remove()
    assert [actor.id for actor in lab.actors()] == [alice.id, bob.id]
    lab.reset(bob)
    whole = lab.export_lab()
    lab.reset()
    assert lab.actors() == []
    assert refused(lab.find, bob).status == 404
    lab.import_lab(whole)
    assert lab.find(bob)['aor'] == bob.user


for watched in (Lab, Actor, Follower):
    watch(watched)
assert Lab.join(url=os.environ['OTHER']).status()['pid']
with Lab.open(settings={'core.phone_linger': '100ms'}) as own:
    users = own.users('alice', 'bob')
    desktop, phone = own.desktop(users[0]), own.phone(users[1])
    the_lab(own)
    people(own)
    a_talk(own, desktop, phone)
    refusals(own, desktop, phone)
    unknown_conditions(own)
    a_day(phone)
    faults(own)
    names(own)
    ends(own, desktop, phone)
assert client.PATIENCE and not UNUSED, UNUSED
