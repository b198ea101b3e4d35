// Processes to be measured. Each is started in a process group of its own, and costs are added up over the
// group.
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const PROBE_MS = 20;
const running = new Set();

// {child, pgid, lines (async iterator of its standard output), ended (promise of the exit code)}
export function start(command, args, { log, cwd } = {}) {
	const child = spawn(command, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	const file = createWriteStream(log);
	const process = { child, pgid: child.pid, command, log };

	child.stderr.pipe(file);
	process.lines = createInterface({ input: child.stdout });
	process.last = [];
	process.lines.on('line', (line) => process.last.push(line));
	process.ended = new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('exit', () => running.delete(process));
		// and what it printed last has been read
		child.on('close', (code, signal) => resolve(code ?? signal));
	});
	running.add(process);
	return process;
}

export async function stop(process, signal = 'SIGTERM') {
	process.child.kill(signal);
	return process.ended;
}

export function stopAll() {
	for (const process of running) {
		try {
			globalThis.process.kill(-process.pgid, 'SIGKILL');
		} catch {
			continue; // it has ended meanwhile
		}
	}
}

// Resolves once probe() is true; fails if the process ends first or the time runs out.
export async function until(probe, process, what, timeoutMs = 60000) {
	const deadline = Date.now() + timeoutMs;

	while (!(await probe())) {
		if (!running.has(process))
			throw new Error(`${process.command} ended before ${what}; see ${process.log}`);
		if (Date.now() > deadline)
			throw new Error(`${process.command}: no ${what} within ${timeoutMs / 1000} s; see ${process.log}`);
		await delay(PROBE_MS);
	}
}

export async function untilLine(process, line, timeoutMs) {
	await until(() => process.last.includes(line), process, `"${line}"`, timeoutMs);
}

function hexAddress(address) {
	const [host, port] = address.split(':');
	const bytes = host.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));

	return `${bytes.reverse().join('')}:${Number(port).toString(16).padStart(4, '0')}`.toUpperCase();
}

// Whether something is bound to the address (TCP: listens there).
export function isBound(transport, address) {
	const wanted = hexAddress(address);

	return readFileSync(`/proc/net/${transport}`, 'utf8').split('\n').some((line) => {
		const [, local, , state] = line.trim().split(/\s+/);

		return local === wanted && (transport === 'udp' || state === '0A');
	});
}

export async function freeAddress(host) {
	const server = createServer();

	await new Promise((resolve) => server.listen(0, host, resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return `${host}:${port}`;
}

function statOf(pid) {
	const text = readFileSync(`/proc/${pid}/stat`, 'utf8');

	return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function pidsOf(pgid) {
	return readdirSync('/proc').filter((name) => {
		try {
			return /^\d+$/.test(name) && Number(statOf(name)[2]) === pgid;
		} catch {
			return false;
		}
	});
}

const TICKS_PER_SECOND = 100;

// Seconds of CPU (user and system) that the group has used so far: from the scheduler, in nanoseconds, if the
// kernel offers that, otherwise from the ticks in /proc/PID/stat.
export function cpuOf({ pgid }) {
	let sum = 0;

	for (const pid of pidsOf(pgid)) {
		try {
			for (const task of readdirSync(`/proc/${pid}/task`))
				sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
		} catch {
			const stat = statOf(pid);

			sum += (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND;
		}
	}
	return sum;
}

// The most memory that the server's own process has ever had, in bytes.
export function peakOf({ pgid }) {
	return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pgid}/status`, 'utf8'))[1]) * 1024;
}

// Memory of the group in bytes; shared pages are counted once.
export function memoryOf({ pgid }) {
	let sum = 0;

	for (const pid of pidsOf(pgid))
		sum += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
	return sum;
}
