// See scripts/bench/soak.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freeAddress, memoryOf, stopAll } from './proc.mjs';
import { HOST, begin, end, usersFile } from './sides.mjs';
import { finish, startCaller } from './sipp.mjs';

const USERS = 50; // few, so that what is kept for each is soon at its limit
const RATE = 50;
const CALLS_PER_LAP = 3000;
const LAPS = 6;
const MAX_GROWTH = 1.03;

const build = process.argv[2];
const top = mkdtempSync(path.join(os.tmpdir(), 'mcxd-soak-'));
const troubles = [];

async function lap(run, number) {
	const transport = number % 2 ? 'tcp' : 'udp';
	const folder = path.join(top, String(number));

	mkdirSync(folder);
	const result = await finish(startCaller({ scenario: 'accepted', target: run.targets[transport], transport,
		calls: CALLS_PER_LAP, folder, rate: RATE, users: usersFile(folder, USERS),
		address: await freeAddress(HOST) }));
	const memory = memoryOf(run.server);

	if (result.trouble)
		troubles.push(result.trouble);
	console.log(`lap ${number}, ${transport}: ${result.ok} conversations, ${Math.round(memory / 2 ** 20)} MB`);
	return memory;
}

async function main() {
	const run = await begin('mcxd', { folder: top, build, phones: `${build}/bench-phones`, transport: 'udp',
		accept: true, nUsers: USERS, waitMs: 30000, calls: CALLS_PER_LAP });
	const memory = [];

	for (let i = 0; i < LAPS; i++)
		memory.push(await lap(run, i));
	const counts = await end(run);

	// UDP keeps transactions for half a minute, so laps over UDP are compared with each other only.
	if (memory.at(-1) > memory.at(-3) * MAX_GROWTH || memory.at(-2) > memory.at(-4) * MAX_GROWTH)
		troubles.push('memory has grown');
	if (counts.exit !== 0)
		troubles.push(`mcxd ended with ${counts.exit}; see ${run.server.log}`);
	if (counts.failed)
		troubles.push(`the phones say ${JSON.stringify(counts)}`);
	for (const text of troubles)
		console.log(`TROUBLE ${text}`);
	if (troubles.length === 0)
		rmSync(top, { recursive: true });
	return troubles.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'])
	process.on(signal, () => process.exit(1));
process.on('exit', stopAll);
main().then((code) => process.exit(code), (error) => {
	console.error(error);
	process.exit(1);
});
