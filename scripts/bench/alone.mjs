// mcxd alone, and the load tool beside it.
import { start } from './proc.mjs';
import { begin, end } from './sides.mjs';

export function load(run, options, args) {
	const tool = start(options.load, args, { log: `${options.folder}/load.log` });

	run.parts.push(tool);
	return tool;
}

export async function resultOf(tool) {
	const code = await tool.ended;

	if (code !== 0)
		throw new Error(`${tool.command} ended with ${code}; see ${tool.log}`);
	return JSON.parse(tool.last.at(-1));
}

export async function withServer(options, situation, measure) {
	const run = await begin('mcxd', { ...options, accept: false, nUsers: 1, waitMs: 20000, journalRecords: 0, ...situation });

	try {
		return await measure(run);
	} finally {
		await end(run);
	}
}
