// The two servers, each with what it needs around it.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { holdPhones } from './fleet.mjs';
import { startKamailio } from './kamailio.mjs';
import { startMcxd } from './mcxd.mjs';
import { freeAddress, memoryOf, start, stop, untilLine } from './proc.mjs';
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

// The phones of mcxd: those that accept come from phones.c, for the rate that they have to keep up; those that only wait are a
// fleet's, asleep or (mode "poll") with an event request held open.
async function startMcxdPhones({ folder, build, phones: program, nPhones, mode, push, mcxd }) {
	if (mode === 'accept') {
		const phones = await startPhones(program, folder, ['mcxd', push, mcxd.http, 'lab.test', mcxd.password, String(nPhones)]);

		return { phones, parts: [phones] };
	}
	const phones = await startPhones(program, folder, ['silent', push]);

	return { phones, parts: [...await holdPhones({ folder, build, mcxd, n: nPhones, open: mode === 'poll' }), phones] };
}

// nPhones: how many of the users have a phone.
async function beginMcxd({ folder, build, phones: program, transport, accept, nUsers, nPhones = nUsers, waitMs, journalRecords,
	mode = accept ? 'accept' : 'sleep' }) {
	const push = await freeAddress(HOST);
	const mcxd = await startMcxd({ folder, build, host: HOST, push, nUsers, waitMs, journalRecords });
	const startMemory = memoryOf(mcxd.process);

	return { target: mcxd.sip[transport], targets: mcxd.sip, https: mcxd.https, lab: mcxd.lab, ca: mcxd.ca, server: mcxd.process,
		startMemory, ...await startMcxdPhones({ folder, build, phones: program, nPhones, mode, push, mcxd }) };
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

// readyMemory: Kamailio touches all of its memory before the first call (shm_force_alloc), so that its figures do not
// include page faults. mcxd has no such option: its figures include the page faults of the memory that it takes. What
// they cost depends on the machine more than on the server; on a virtual one it can be a third of a held INVITE.
// {target: where SIPp calls, server: the process that is measured, parts: what else runs, phones: of these}
export async function begin(side, situation) {
	return side === 'mcxd' ? beginMcxd(situation) : beginKamailio(situation);
}

// Stops everything. Returns what the phones report, and how the server ended.
export async function end(run) {
	// A fleet would sign its phones out, which no longer matters.
	for (const part of run.parts)
		await stop(part, ['sipp', 'mcxsim'].includes(path.basename(part.command)) ? 'SIGKILL' : 'SIGTERM');
	const counts = run.phones.last.find((line) => line.startsWith('{'));

	return { ...(counts ? JSON.parse(counts) : {}), exit: await stop(run.server) };
}
