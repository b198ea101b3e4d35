// Certificates and keys of one's own, made by openssl. What works with them and is probably not meant is said at the start, and
// again when the files are read again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Lab, PATIENCE_MS } from '../lab.mjs';
import { makeAuthority, makeCertificate } from '../peer.mjs';

// A lab, before and after its start.
function lab(title, play) {
	test(title, async () => {
		const it = new Lab(mkdtempSync(path.join(os.tmpdir(), 'mcxd-lab-')));

		try {
			await play(it);
		} finally {
			await it.stop();
		}
	});
}

async function said(it, pattern) {
	while (!pattern.test(it.log))
		await once(it.daemon.stderr, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) });
}

const filesOf = (section, { cert, key }) => ({ [`${section}.cert_file`]: cert, [`${section}.key_file`]: key });

// OpenSSL's dates have blanks in place of zeros.
const DATE = '[A-Z][a-z]{2} [ \\d]\\d [\\d:]{8} \\d{4} GMT';

const roles = [['sip', 'sip\\.tls and https\\.listen'], ['edge', 'edge\\.tls'], ['clearing_house', 'clearing_house\\.tls']];

for (const [section, listeners] of roles) {
	lab(`a certificate of ${section} that expires is warned of at the start and at a reload`, async (it) => {
		const authority = await makeAuthority(it, 'own');
		const good = await makeCertificate(it, ['fe.lab.test', 'edge.lab.test'], { authority });
		const expired = await makeCertificate(it, ['fe.lab.test', 'edge.lab.test'], { authority, days: -1 });
		const own = { cert: path.join(it.dir, 'own.pem'), key: path.join(it.dir, 'own.key') };
		const expected = new RegExp(` warn  mcxd: the certificate ${own.cert} of ${listeners} expired on ${DATE}$`, 'm');
		const put = ({ cert, key }) => {
			copyFileSync(cert, own.cert);
			copyFileSync(key, own.key);
		};

		put(good);
		await it.start({ settings: filesOf(section, own) });
		assert.equal(it.log, '');
		put(expired);
		it.daemon.kill('SIGHUP');
		await said(it, expected);
		it.daemon.kill('SIGTERM');
		assert.equal(await it.exited, 0);
		it.log = '';
		await it.start({ settings: filesOf(section, own) });
		assert.match(it.log, expected);
		assert.equal(it.log.split('\n').length, 2, it.log);
	});
}

lab('an authority that has expired is warned of once', async (it) => {
	const { cert, key } = await makeAuthority(it, 'own');
	const old = path.join(it.dir, 'old.pem');
	const { code, stderr } = await it.run('/usr/bin/openssl', ['x509', '-in', cert, '-signkey', key, '-days', '-1', '-out', old]);

	assert.equal(code, 0, stderr);
	await it.start({ settings: { 'pki.ca_cert': old, 'pki.ca_key': key, 'pki.trust': `${cert} ${old}` } });
	assert.deepEqual(it.log.match(/the certificate .* of .* expired on/g), [
		`the certificate ${old} of pki.ca_cert expired on`, `the certificate ${old} of pki.trust expired on`]);
});

lab('a key, a token or a password that others can read is warned of', async (it) => {
	const secret = (name) => path.join(it.dir, name);
	const authority = await makeAuthority(it, 'own');
	const own = await makeCertificate(it, ['fe.lab.test'], { authority });
	const settings = { ...filesOf('sip', own), 'pki.ca_cert': authority.cert, 'pki.ca_key': authority.key };

	chmodSync(own.key, 0o640);
	chmodSync(authority.key, 0o604);
	for (const [name, mode] of [['token', 0o644], ['password', 0o600]])
		writeFileSync(secret(name), 'a-secret-of-this-laboratory\n', { mode });
	copyFileSync(own.key, secret('apns.p8'));
	chmodSync(secret('apns.p8'), 0o644);
	await it.start({ settings: { ...settings, 'lab.token_file': secret('token'), 'users.open': 'open.test',
		'users.open_password_file': secret('password'), 'push_service.apns_key_file': secret('apns.p8') } });
	assert.deepEqual(it.log.match(/mcxd: .*$/gm), [
		`mcxd: lab.token_file: others may use the token ${secret('token')}, because its mode is 0644; chmod 600 ${secret('token')}`,
		`mcxd: push_service.apns_key_file: others may use the private key ${secret('apns.p8')}, because its mode is 0644; chmod 600 ${secret('apns.p8')}`,
		`mcxd: sip.key_file: others may use the private key ${own.key}, because its mode is 0640; chmod 600 ${own.key}`,
		`mcxd: pki.ca_key: others may use the private key ${authority.key}, because its mode is 0604; chmod 600 ${authority.key}`]);
});

lab('the public half of a key may be read by everybody', async (it) => {
	const own = await makeCertificate(it, ['fe.lab.test'], { authority: await makeAuthority(it, 'own') });
	const half = path.join(it.dir, 'apns.pem');

	assert.equal((await it.run('/usr/bin/openssl', ['pkey', '-in', own.key, '-pubout', '-out', half])).code, 0);
	chmodSync(half, 0o644);
	await it.start({ settings: { 'push_service.apns_key_file': half } });
	assert.doesNotMatch(it.log, /others may use/);
});

lab('a list that has no name of a certificate of one\'s own: its names are said', async (it) => {
	const authority = await makeAuthority(it, 'own');
	const own = await makeCertificate(it, ['lync.example.test', '192.0.2.7'], { authority });

	await it.start({ settings: filesOf('sip', own) });
	assert.match(it.log, /edge\.tls_allow has no name of .*; add one of its names \(lync\.example\.test, 192\.0\.2\.7\) to it$/m);
});

for (const [client, what] of [['required', 'nobody can connect'], ['optional', 'clients that show a certificate are refused'], ['none', null]]) {
	for (const section of ['sip', 'edge', 'clearing_house']) {
		lab(`${section}.tls_client=${client} with an empty list`, async (it) => {
			await it.start({ settings: { [`${section}.tls_client`]: client, [`${section}.tls_allow`]: ' , ' } });
			const warning = `mcxd: ${section}.tls_client is ${client} and ${section}.tls_allow is empty, so that ${what}`;

			assert.equal(it.log.includes(warning), what !== null, it.log);
		});
	}
}
