// Janus's SIP plugin, over its HTTP API, and a phone: each writes to the other. Whatever it has registered, it writes as a user of its
// own address, so that is whose client it is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { freeAddress } from '../../scripts/bench/proc.mjs';
import { scenario } from '../lab.mjs';
import { hostOf, isListening, portOf, startPeer } from '../peer.mjs';

const library = `/usr/lib/${readdirSync('/usr/lib').find((name) => name.endsWith('-linux-gnu'))}/janus`;

/** A session of Janus's with a handle of its SIP plugin. */
class Client {
	static async open(base) {
		const client = new Client();

		client.base = base;
		client.session = (await client.#post('', { janus: 'create' })).data.id;
		client.handle = (await client.#post(`/${client.session}`, { janus: 'attach', plugin: 'janus.plugin.sip' })).data.id;
		return client;
	}

	async #post(where, body) {
		const answer = await fetch(this.base + where, { method: 'POST', body: JSON.stringify({ transaction: randomUUID(), ...body }) });
		const json = await answer.json();

		assert.notEqual(json.janus, 'error', JSON.stringify(json));
		return json;
	}

	do(body) {
		return this.#post(`/${this.session}/${this.handle}`, { janus: 'message', body });
	}

	/** The next event of this name. */
	async expect(name) {
		for (;;) {
			const event = await (await fetch(`${this.base}/${this.session}`)).json();
			const result = event.plugindata?.data?.result;

			if (result?.event === name)
				return result;
			assert.ok(!event.plugindata?.data?.error, JSON.stringify(event));
		}
	}
}

async function startJanus(lab) {
	const folder = path.join(lab.dir, 'janus');
	const address = await freeAddress('127.0.0.1'); // it knows no other loopback address
	const general = (lines) => `general: {\n${lines.join('\n')}\n}\n`;

	await mkdir(folder);
	await writeFile(path.join(folder, 'janus.jcfg'), general([
		`configs_folder = "${folder}"`, `plugins_folder = "${library}/plugins"`, `transports_folder = "${library}/transports"`,
	]) + 'nat: {\nice_lite = true\n}\n' +
		'plugins: {\ndisable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,' +
		'libjanus_recordplay.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_videoroom.so,' +
		'libjanus_voicemail.so"\n}\n' +
		'transports: {\ndisable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_websockets.so"\n}\n');
	await writeFile(path.join(folder, 'janus.transport.http.jcfg'), general([
		'http = true', `port = ${portOf(address)}`, `ip = "${hostOf(address)}"`, 'https = false',
	]));
	await writeFile(path.join(folder, 'janus.plugin.sip.jcfg'), general(['local_ip = "127.0.0.1"', 'register_ttl = 600']));
	startPeer(lab, '/usr/bin/janus', ['-F', folder, '-i', '127.0.0.1']);
	await isListening(address);
	return Client.open(`http://${address}/janus`);
}

scenario('a phone writes to a client of Janus, and is answered', async (lab) => {
	const [alice] = await lab.users('alice');
	const password = 'secret';
	const bob = await lab.post('users', { aor: 'bob@127.0.0.1', displayName: 'Bob', password });
	const client = await startJanus(lab);

	await client.do({
		request: 'register', username: `sip:${bob.aor}`, secret: password, proxy: `sip:${lab.ready.sip.udp}`,
		outbound_proxy: `sip:${lab.ready.sip.udp}`,
	});
	await client.expect('registered');
	const phone = lab.phone(alice, { im: [bob, 'Hi Bob'] });

	assert.equal((await client.expect('message')).content, 'Hi Bob');
	await phone.expect('connected');
	await client.do({ request: 'message', uri: `sip:${alice.aor}`, content: 'How are you?' });
	await phone.expect('message', { text: 'How are you?' });
	phone.say('Fine');
	assert.equal((await client.expect('message')).content, 'Fine');
});
