// Programs that we did not write, and certificates for them. Each program belongs to a lab, which ends it by its
// process id.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { freeAddress, isBound } from '../scripts/bench/proc.mjs';
import { Actor, PATIENCE_MS } from './lab.mjs';

const PROBE_MS = 10;

/** Whether `scripts/test --long` runs: then every peer is tried by every transport. */
export const isLong = Boolean(process.env.MCXD_TEST_LONG);

/** Start a program; what it prints, and what it logs to standard error, are its events "text". */
export function startPeer(lab, program, args, { env } = {}) {
	const peer = new Actor(path.basename(program), program, args, { env, logsToStderr: true });

	lab.programs.push(peer);
	return peer;
}

/** A free TCP port on a loopback address that no other test uses, as host:port. */
export function loopbackAddress() {
	const [a, b, c] = randomBytes(3);

	return freeAddress(`127.${a || 1}.${b}.${c % 253 + 1}`);
}

/** Resolves once somebody listens there. The kernel tells nobody of it, so it is asked again and again. */
export async function isListening(address, transport = 'tcp') {
	const deadline = Date.now() + PATIENCE_MS;

	while (!isBound(transport, address)) {
		assert.ok(Date.now() < deadline, `nobody listens on ${address}`);
		await delay(PROBE_MS);
	}
}

/** A configuration as scripts/install has it, with other addresses and files; each of those must stand in it, once. */
export async function installed(name, changes) {
	let text = await readFile(new URL(`../scripts/install/${name}`, import.meta.url), 'utf8');

	text = text.replace(/^#.*\n/gm, '');
	for (const [from, to] of changes) {
		assert.equal(text.split(from).length, 2, `${name} has "${from}" once`);
		text = text.replace(from, to);
	}
	return text;
}

export const hostOf = (address) => address.slice(0, address.lastIndexOf(':'));
export const portOf = (address) => address.slice(address.lastIndexOf(':') + 1);

async function openssl(lab, ...args) {
	const { code, stderr } = await lab.run('/usr/bin/openssl', args);

	assert.equal(code, 0, `openssl ${args.join(' ')}\n${stderr}`);
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function filesOf(lab, name) {
	const file = (suffix) => path.join(lab.dir, `${name}-${randomBytes(4).toString('hex')}.${suffix}`);

	return { cert: file('pem'), key: file('key'), request: file('csr') };
}

/** The lab's authority, as {cert, key}. */
export function labAuthority(lab) {
	return { cert: lab.ready.ca, key: lab.ready.ca.replace(/\.pem$/, '.key') };
}

/** An authority that nobody knows. */
export async function makeAuthority(lab, name) {
	const { cert, key } = filesOf(lab, 'authority');

	await openssl(lab, 'req', '-x509', ...EC, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert,
		'-addext', 'keyUsage=critical,keyCertSign');
	return { cert, key };
}

/** A certificate for names and addresses, as {cert, key}; without days left it has expired. */
export async function makeCertificate(lab, names, { authority = labAuthority(lab), days = 1 } = {}) {
	const { cert, key, request } = filesOf(lab, names[0]);
	const alternatives = names.map((name) => (isIP(name) ? `IP:${name}` : `DNS:${name}`));

	await openssl(lab, 'req', ...EC, '-subj', `/CN=${names[0]}`, '-keyout', key, '-out', request,
		'-addext', `subjectAltName=${alternatives.join(',')}`);
	await openssl(lab, 'x509', '-req', '-in', request, '-copy_extensions', 'copyall', '-days', String(days),
		'-CA', authority.cert, '-CAkey', authority.key, '-out', cert);
	return { cert, key };
}
