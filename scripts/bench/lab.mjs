// What a running mcxd says of itself.
import http from 'node:http';

export function askLab(socketPath, path) {
	return new Promise((resolve, reject) => {
		http.get({ socketPath, path }, (answer) => {
			let text = '';

			answer.on('data', (chunk) => { text += chunk; });
			answer.on('end', () => resolve(text));
		}).on('error', reject);
	});
}
