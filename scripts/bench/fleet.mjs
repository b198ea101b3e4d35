// mcxsim fleet: phones that wait for somebody else's INVITEs, and whole flows.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startLab, startPushService } from './mcxd.mjs';
import { cpuOf, start, stop, until } from './proc.mjs';

const SIGN_IN_TIMEOUT_MS = 300000;
const PATTERN = 'm%@lab.test';
// A phone that has closed its app sleeps when it rings the next time.
const LINGER_MS = 100;
const REST_MS = 2 * LINGER_MS;

function startFleet(build, folder, name, args) {
	return start(path.resolve(build, 'mcxsim'), ['fleet', '--json', '--users', PATTERN, ...args], { log: path.join(folder, `${name}.log`) });
}

// n phones, signed in: asleep, or with an event request held open by TLS. Returns their processes.
export async function holdPhones({ folder, build, mcxd, n, open }) {
	const push = open ? null : await startPushService({ folder, build });
	const where = open ? ['--open', '--server', `https://${mcxd.https}`, '--ca', mcxd.ca]
		: ['--server', `http://${mcxd.http}`, '--push-service-url', push.url];
	const fleet = startFleet(build, folder, 'fleet', ['--hold', '--password', mcxd.password, '--phones', String(n), ...where]);

	await until(() => fleet.last.length > 0, fleet, 'its phones', SIGN_IN_TIMEOUT_MS);
	const { phones } = JSON.parse(fleet.last[0]);

	if (phones !== n)
		throw new Error(`${phones} of ${n} phones have signed in; see ${fleet.log}`);
	return push ? [fleet, push.process] : [fleet];
}

export const labSettings = { 'core.phone_linger': `${LINGER_MS}ms` };

// Accepted flows in a whole lab. The fleet's own result, and CPU of mcxd for each flow, the phones' sign-in and sign-out included.
export async function runFlows(lab, { folder, build, phones, senders, flows, rate, transport = 'tcp', http = false }) {
	mkdirSync(folder, { recursive: true });
	const before = cpuOf(lab.process);
	const fleet = startFleet(build, folder, 'flows', ['--ready-file', lab.ready, '--password', lab.password, '--mix', 'accept=1',
		'--phones', String(phones), '--senders', String(senders), '--flows', String(flows), '--rate', String(rate), '--rest', String(REST_MS),
		'--transport', transport, ...(http ? ['--http'] : [])]);
	const code = await fleet.ended;

	if (!fleet.last.length)
		throw new Error(`mcxsim fleet ended with ${code}; see ${fleet.log}`);
	return { ...JSON.parse(fleet.last.at(-1)), mcxdUs: (cpuOf(lab.process) - before) / flows * 1e6 };
}

export async function measureFleet({ folder, build }, { phones, flows, rate }) {
	const senders = 100;
	const lab = await startLab({ folder, build, nUsers: phones + senders, settings: labSettings });

	try {
		return await runFlows(lab, { folder, build, phones, senders, flows, rate, http: true });
	} finally {
		await stop(lab.process);
	}
}
