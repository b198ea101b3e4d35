import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { start, until } from './proc.mjs';

const PASSWORD = 'secret';

function writeUsers(file, n) {
	const names = ['alice', ...Array.from({ length: n }, (_, i) => `m${i}`)];

	writeFileSync(file, names.map((name) => `[user ${name}@lab.test]\npassword = ${PASSWORD}\n`).join('\n'));
}

// One mcxd: {process, listeners (its ready file)}.
async function launch({ folder, build, name, args, settings }) {
	const ready = path.join(folder, `${name}-ready.json`);

	mkdirSync(folder, { recursive: true });
	const process = start(path.resolve(build, 'mcxd'), [...args, '--ready-file', ready,
		...Object.entries(settings).flatMap(([setting, value]) => ['--set', `${setting}=${value}`])],
	{ log: path.join(folder, `${name}.log`) });

	await until(() => existsSync(ready), process, 'its ready file');
	return { process, listeners: JSON.parse(readFileSync(ready, 'utf8')) };
}

// Where phones that sleep get their channels, in a process that is not measured: {process, url}.
export async function startPushService({ folder, build }) {
	const { process, listeners } = await launch({ folder, build, name: 'push-service',
		args: ['--ephemeral', '--any-port', '--roles', 'push-service'], settings: { 'net.max_connections': '100000' } });

	return { process, url: listeners.push_service };
}

// All roles, for users m0@lab.test, m1@lab.test …: {process, ready (file)}.
export async function startLab({ folder, build, nUsers, settings }) {
	const users = path.join(folder, 'users.ini');

	mkdirSync(folder, { recursive: true });
	writeUsers(users, nUsers);
	const { process } = await launch({ folder, build, name: 'mcxd', args: ['--ephemeral', '--any-port'],
		settings: { 'users.file': users, 'http.redirect': 'no', 'journal.max_records': '0', 'core.max_conversations': '1000000',
			...settings } });

	return { process, ready: path.join(folder, 'mcxd-ready.json'), password: PASSWORD };
}

// Only the front end: pushes go to our own load tool. The limits per user are lifted, and the journal is short
// or off, because held INVITEs and conversations are what is measured.
// Kamailio keeps nothing, so nothing is kept here either, unless that is what is measured.
export async function startMcxd({ folder, build, host, push, nUsers, waitMs, journalRecords = 0, durable = false }) {
	const users = path.join(folder, 'users.ini');
	const settings = {
		'users.file': users,
		'sip.udp': `${host}:0`,
		'sip.tcp': `${host}:0`,
		'sip.tls': `${host}:0`,
		'https.listen': `${host}:0`,
		'http.listen': `${host}:0`,
		'http.redirect': 'no',
		'lab.listen': '',
		'push.next_hop': `sip:${push};transport=tcp`,
		'core.invite_timeout': `${waitMs}ms`,
		'core.max_conversations': '1000000',
		'net.max_connections': '100000',
		'journal.max_records': String(journalRecords),
	};

	mkdirSync(folder, { recursive: true });
	writeUsers(users, nUsers);
	const { process, listeners } = await launch({ folder, build, name: 'mcxd', settings,
		args: [...(durable ? ['--state', path.join(folder, 'state')] : ['--ephemeral']), '--roles', 'front-end'] });

	return { process, sip: listeners.sip, ca: listeners.ca, http: new URL(listeners.http).host,
		https: new URL(listeners.https).host, lab: listeners.lab_socket, password: PASSWORD };
}
