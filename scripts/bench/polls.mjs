// Event requests that phones hold by TLS: what they cost mcxd.
import { load, resultOf, withServer } from './alone.mjs';
import { askLab } from './lab.mjs';
import { cpuOf, memoryOf, until } from './proc.mjs';

const WOKEN_USERS = 100;
const HOLD_MS = 60000;

async function held(run) {
	return Number(/^mcxd_http_https_parked (\d+)$/m.exec(await askLab(run.lab, '/metrics'))?.[1]);
}

const untilHeld = (run, n) => until(async () => await held(run) >= n, run.server, `${n} held requests`, HOLD_MS);

// n phones hold a request each, and as many INVITEs as `invitations` are for a hundred of them: each wakes its phone when it
// comes, and when nobody has answered it.
export function measurePolls(options, { n, invitations, waitMs }) {
	return withServer(options, { nUsers: n, mode: 'poll', waitMs }, async (run) => {
		await untilHeld(run, n);
		const bytes = (memoryOf(run.server) - run.startMemory) / n;
		const before = cpuOf(run.server);
		const result = await resultOf(load(run, options, ['late', run.targets.tcp, String(invitations / 4), '4', String(waitMs), 'm',
			String(Math.min(n, WOKEN_USERS))]));

		await untilHeld(run, n);
		return { n, bytes, us: (cpuOf(run.server) - before) / invitations * 1e6, ok: result['408'] };
	});
}

// How late the 408s come while HTTPS clients come and go.
export function measureLate(options, { rate, seconds, handshakes, waitMs }) {
	return withServer(options, { nUsers: WOKEN_USERS, waitMs }, async (run) => {
		const clients = load(run, options, ['handshakes', run.https, String(handshakes), String(seconds + waitMs / 1000)]);
		const late = await resultOf(load(run, options, ['late', run.targets.tcp, String(rate), String(seconds), String(waitMs), 'm',
			String(WOKEN_USERS)]));

		return { ...late, handshakes: await resultOf(clients), rate: handshakes };
	});
}
