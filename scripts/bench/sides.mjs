// The two servers, each with what it needs around it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { startKamailio } from './kamailio.mjs';
import { startMcxd } from './mcxd.mjs';
import { freeAddress, start, stop, untilLine } from './proc.mjs';
import { startDevice } from './sipp.mjs';

export const HOST = '127.0.7.1';

const SIGN_IN_TIMEOUT_MS = 300000;

// The callees in SIPp's form: m0, m1, ...
export function usersFile(folder, n) {
	const file = path.join(folder, 'users.csv');

	writeFileSync(file, `SEQUENTIAL\n${Array.from({ length: n }, (_, i) => `m${i}\n`).join('')}`);
	return file;
}

async function startPhones(program, folder, args) {
	const phones = start(program, args, { log: path.join(folder, 'phones.log') });

	await untilLine(phones, 'ready', SIGN_IN_TIMEOUT_MS);
	return phones;
}

async function beginMcxd({ folder, build, phones: program, transport, accept, nUsers, waitMs, readyMemory,
	journalRecords }) {
	const push = await freeAddress(HOST);
	const mcxd = await startMcxd({ folder, build, host: HOST, push, nUsers, waitMs, readyMemory, journalRecords });
	const phones = await startPhones(program, folder, [accept ? 'mcxd' : 'ignore', push, mcxd.http,
		'lab.test', mcxd.password, String(nUsers)]);

	return { target: mcxd.sip[transport], targets: mcxd.sip, server: mcxd.process, parts: [phones], phones };
}

async function beginKamailio({ folder, phones: program, transport, accept, waitMs, calls,
	readyMemory }) {
	const push = await freeAddress(HOST);
	const device = await freeAddress(HOST);
	const kamailio = await startKamailio({ folder, host: HOST, push, device, transport, waitMs, readyMemory });
	const parts = [];

	if (accept)
		parts.push(await startDevice({ address: device, transport, calls, folder }));
	const phones = await startPhones(program, folder,
		accept ? ['kamailio', push, kamailio.address] : ['silent', push]);

	parts.push(phones);
	return { target: kamailio.address, server: kamailio.process, parts, phones };
}

// readyMemory: the server has had the kernel clear its memory before it is called. What that costs depends on the
// machine more than on the server, and on a virtual one it can be a third of all.
// {target: where SIPp calls, server: whose cost counts, parts: what else runs, phones: of these}
export async function begin(side, situation) {
	return side === 'mcxd' ? beginMcxd(situation) : beginKamailio(situation);
}

// Stops all of it. What the phones say they have done, and how the server ended.
export async function end(run) {
	for (const part of run.parts)
		await stop(part, part.command === 'sipp' ? 'SIGKILL' : 'SIGTERM');
	const counts = run.phones.last.find((line) => line.startsWith('{'));

	return { ...(counts ? JSON.parse(counts) : {}), exit: await stop(run.server) };
}
