// Pidgin with pidgin-sipe, without a window (foreign/pidgin.c).
import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hostOf, startPeer } from './peer.mjs';

const run = promisify(execFile);
const source = fileURLToPath(new URL('foreign/pidgin.c', import.meta.url));

async function compile(lab) {
	const program = path.join(lab.dir, 'pidgin');
	const { stdout } = await run('pkg-config', ['--cflags', '--libs', 'purple']);

	await run('gcc', ['-o', program, source, ...stdout.trim().split(/\s+/)]);
	return program;
}

/** Sign a user in. authentication: "ntlm" or "automatic". What happens are its events "text", as pidgin.c says. */
export async function startPidgin(lab, user, { transport, address = lab.ready.sip[transport], authentication = 'automatic', password = user.password }) {
	const folder = path.join(lab.dir, `purple-${user.aor}`);
	const peers = path.join(folder, 'certificates', 'x509', 'tls_peers');

	lab.pidgin ??= compile(lab);
	await mkdir(peers, { recursive: true });
	await copyFile(path.join(path.dirname(lab.ready.ca), 'server.pem'), path.join(peers, hostOf(address)));
	return startPeer(lab, await lab.pidgin, [folder, user.aor, password, address, transport, authentication]);
}

/** Say a line to somebody. */
export function say(pidgin, user, text) {
	pidgin.child.stdin.write(`im ${user.aor} ${text}\n`);
}

/** Wait for a line from somebody. */
export function hear(pidgin, user, text) {
	return pidgin.expect('text', { text: `im sip:${user.aor} ${text}` });
}
