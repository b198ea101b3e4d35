import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freeAddress, isBound, start, until } from './proc.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const SHARED_MB = 2048;
const PRIVATE_MB = 64;

export function modulesFolder() {
	const arch = readdirSync('/usr/lib').find((name) => name.endsWith('-linux-gnu'));

	return `/usr/lib/${arch}/kamailio/modules/`;
}

// {process, address}: one address for SIP over UDP and TCP, and for HTTP.
export async function startKamailio({ folder, host, push, device, transport, waitMs, readyMemory }) {
	const address = await freeAddress(host);
	const values = {
		ADDRESS: address, PUSH: push, DEVICE: device, TRANSPORT: transport, WAIT_MS: waitMs,
		FOLDER: folder, MODULES: modulesFolder(), READY_MEMORY: readyMemory ? 'yes' : 'no',
	};
	const template = readFileSync(path.join(here, 'kamailio.cfg.in'), 'utf8');
	const file = path.join(folder, 'kamailio.cfg');

	mkdirSync(folder, { recursive: true });
	writeFileSync(file, template.replace(/@([A-Z_]+)@/g, (_, name) => values[name]));
	const process = start('kamailio', ['-f', file, '-DD', '-E', '-Y', folder, '-w', folder,
		'-m', String(SHARED_MB), '-M', String(PRIVATE_MB)], { log: path.join(folder, 'kamailio.log') });

	await until(() => isBound('tcp', address) && isBound('udp', address), process, 'its sockets');
	return { process, address };
}
