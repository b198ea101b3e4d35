// nginx in front of mcxd, with the configurations that scripts/install has for it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { hostOf, isListening, loopbackAddress, makeCertificate, startPeer } from './peer.mjs';

/** The name in nginx's certificate. */
export const NGINX_NAME = 'lyncweb.lab.test';

// Debian builds it as a module of its own, others into nginx.
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';
const installed = new URL('../scripts/install/nginx/', import.meta.url);

// The file as it is installed, with other addresses and files; each of those must stand in it, once.
async function configuration(name, changes) {
	let text = await readFile(new URL(name, installed), 'utf8');

	text = text.replace(/^#.*\n/gm, '');
	for (const [from, to] of changes) {
		assert.equal(text.split(from).length, 2, `${name} has "${from}" once`);
		text = text.replace(from, to);
	}
	return text;
}

async function start(lab, address, lines, modules = []) {
	const folder = path.join(lab.dir, 'nginx');
	const file = path.join(folder, 'nginx.conf');
	const user = process.getuid() === 0 ? ['user root;'] : [];

	await mkdir(folder, { recursive: true });
	await writeFile(file, [...modules.map((m) => `load_module ${m};`), 'daemon off;', 'worker_processes 1;', ...user, `pid ${folder}/pid;`, 'error_log stderr info;',
		'events { worker_connections 1000; }', ...lines, ''].join('\n'));
	const nginx = startPeer(lab, '/usr/sbin/nginx', ['-p', folder, '-e', 'stderr', '-c', file]);

	await Promise.race([isListening(address), nginx.ended()]);
	return nginx;
}

/** nginx ends TLS, and asks mcxd's listener for plain HTTP. Resolves with its URL. */
export async function startNginx(lab) {
	const address = await loopbackAddress();
	const { cert, key } = await makeCertificate(lab, [NGINX_NAME, hostOf(address)]);
	const server = await configuration('mcxd.conf', [
		['server 127.0.0.1:8081', `server ${new URL(lab.ready.http).host}`],
		['listen 443', `listen ${address}`],
		['/etc/mcxd/nginx.pem', cert],
		['/etc/mcxd/nginx.key', key],
	]);
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
		.map((what) => `${what}_temp_path ${lab.dir}/nginx/${what};`);

	await start(lab, address, ['http {', 'access_log off;', ...temporary, server, '}']);
	return `https://${address}`;
}

/** nginx passes connections on to mcxd's listener for HTTPS, with PROXY headers. Resolves with its URL. */
export async function startNginxStream(lab) {
	const address = await loopbackAddress();
	const server = await configuration('mcxd-stream.conf', [
		['listen 443', `listen ${address}`],
		['proxy_pass 127.0.0.1:8443', `proxy_pass ${new URL(lab.ready.https).host}`],
	]);

	await start(lab, address, ['stream {', server, '}'], existsSync(streamModule) ? [streamModule] : []);
	return `https://${address}`;
}
