// nginx in front of mcxd, with the configurations that scripts/install has for it.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { hostOf, installed, isListening, loopbackAddress, makeCertificate, startPeer } from './peer.mjs';

/** The name in nginx's certificate. */
export const NGINX_NAME = 'lyncweb.lab.test';

// Debian builds it as a module of its own, others into nginx.
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';

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
	const server = await installed('nginx/mcxd.conf', [
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
	const server = await installed('nginx/mcxd-stream.conf', [
		['listen 443', `listen ${address}`],
		['proxy_pass 127.0.0.1:8443', `proxy_pass ${new URL(lab.ready.https).host}`],
	]);

	await start(lab, address, ['stream {', server, '}'], existsSync(streamModule) ? [streamModule] : []);
	return `https://${address}`;
}
