// npm's mpns, with which servers notified Windows Phones, against the push service: whatever it sends arrives, every field.
import assert from 'node:assert/strict';
import mpns from 'mpns';
import { Device } from '../device.mjs';
import { scenario } from '../lab.mjs';

/** Resolves with the answer as mpns reports it, whether it calls that an error or not. */
function send(what, uri, ...args) {
	return new Promise((resolve) => {
		mpns[what](uri, ...args, (error, result) => resolve(error ?? result));
	});
}

const accepted = {
	statusCode: 200, notificationStatus: 'Received', deviceConnectionStatus: 'Connected', subscriptionStatus: 'Active',
};

function assertAnswer(got, expected) {
	assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, got[key]])), expected);
}

scenario('npm\'s mpns sends toasts, tiles of every template and raw notifications', async (lab) => {
	const phone = await Device.open(lab);
	const uri = phone.channel.notificationUri;

	assertAnswer(await send('sendToast', uri, { text1: 'Alice & Bob', text2: '<Hi> "there"', param: '/im?a=1&b=2' }), accepted);
	assert.deepEqual(await phone.next(), { kind: 'toast', text1: 'Alice & Bob', text2: '<Hi> "there"', param: '/im?a=1&b=2', class: 2 });

	const plain = {
		backgroundImage: 'red.jpg', count: 7, title: 'Lync', backBackgroundImage: 'blue.jpg', backTitle: 'Back', backContent: 'Three missed',
		id: '/Main.xaml?tile=2',
	};
	const asSent = ({ id, ...tile }) => ({ kind: 'tile', ...tile, tileId: id, class: 1 });

	assertAnswer(await send('sendTile', uri, plain), accepted);
	assert.deepEqual(await phone.next(), asSent(plain));

	const flip = {
		...plain, smallBackgroundImage: 's.png', wideBackgroundImage: 'w.png', wideBackContent: 'Wide', wideBackBackgroundImage: 'wb.png',
	};

	assertAnswer(await send('sendFlipTile', uri, flip), accepted);
	assert.deepEqual(await phone.next(), { ...asSent(flip), template: 'FlipTile' });

	const iconic = {
		backgroundColor: '#FF524742', count: 3, title: 'Lync', iconImage: 'i.png', smallIconImage: 'si.png', wideContent1: 'one',
		wideContent2: 'two', wideContent3: 'three', id: '/',
	};

	assertAnswer(await send('sendIconicTile', uri, iconic), accepted);
	assert.deepEqual(await phone.next(), { ...asSent(iconic), template: 'IconicTile' });

	assertAnswer(await send('sendFlipTile', uri, { title: null, count: null, backContent: 'x' }), accepted);
	assert.deepEqual(await phone.next(),
		{ kind: 'tile', backContent: 'x', template: 'FlipTile', cleared: ['title', 'count'], class: 1 });

	assertAnswer(await send('sendRaw', uri, 'any \u{1F600} text'), accepted);
	assert.deepEqual(await phone.next(), { kind: 'raw', rawBase64: Buffer.from('any \u{1F600} text').toString('base64'), class: 3 });
});

scenario('npm\'s mpns is told what it has to do about a channel', async (lab) => {
	const phone = await Device.open(lab);
	const silent = await Device.open(lab, { suppress: ['tile'] });
	const owned = await Device.open(lab, { serviceName: 'push.lab.test' });
	const toast = { text1: 'a', text2: 'b' };
	const first = phone.channel.notificationUri;

	assertAnswer(await send('sendTile', silent.channel.notificationUri, { count: 1 }), { ...accepted, notificationStatus: 'Suppressed' });
	assertAnswer(await send('sendToast', silent.channel.notificationUri, toast), accepted);
	assertAnswer(await send('sendToast', owned.channel.notificationUri, toast), { statusCode: 401, shouldDeleteChannel: true });
	assertAnswer(await send('sendToast', first, { text1: 'x'.repeat(3000), text2: 'y'.repeat(100) }), { statusCode: 413 });

	await send('sendToast', first, toast);
	await phone.renew();
	assertAnswer(await send('sendToast', first, toast), {
		statusCode: 404, notificationStatus: 'Dropped', deviceConnectionStatus: 'Disconnected', subscriptionStatus: 'Expired',
		shouldDeleteChannel: true,
	});
	assert.equal((await phone.next()).text1, 'a'); // what waited is not lost
	await phone.close();
	assertAnswer(await send('sendToast', phone.channel.notificationUri, toast), { statusCode: 404, subscriptionStatus: 'Expired' });
});

scenario('npm\'s mpns meets a phone that is away for longer and longer', { settings: { 'push_service.max_per_day': 3 } }, async (lab) => {
	const phone = await Device.open(lab);
	const uri = phone.channel.notificationUri;
	const toast = () => send('sendToast', uri, { text1: 'a', text2: 'b' });

	await lab.post('clock/advance', { ms: 3600e3 });
	assertAnswer(await toast(), { ...accepted, deviceConnectionStatus: 'TempDisconnected' });
	await toast();
	await toast();
	assertAnswer(await toast(), { statusCode: 406, notificationStatus: 'Dropped', deviceConnectionStatus: 'TempDisconnected',
		subscriptionStatus: 'Active' });
	assert.equal((await phone.notifications()).length, 3); // they were kept
	await lab.post('clock/advance', { ms: 8 * 24 * 3600e3 });
	assertAnswer(await toast(), { statusCode: 412, notificationStatus: 'Dropped', deviceConnectionStatus: 'Inactive', minutesToDelay: 61 });
	await lab.post('clock/advance', { ms: 25 * 24 * 3600e3 });
	assertAnswer(await toast(), { statusCode: 404, subscriptionStatus: 'Expired' });
	await phone.must(404, 'GET', `${phone.channel.carrier}?timeout=0`);
});

scenario('npm\'s mpns meets faults with the headers that belong to them', async (lab) => {
	const phone = await Device.open(lab, { user: 'bob@lab.test' });

	for (const [status, expected] of [
		[404, { notificationStatus: 'Dropped', subscriptionStatus: 'Expired', shouldDeleteChannel: true }],
		[406, { notificationStatus: 'Dropped', subscriptionStatus: 'Active' }],
		[412, { notificationStatus: 'Dropped', deviceConnectionStatus: 'Inactive' }],
		[503, { minutesToDelay: 5 }],
	]) {
		await lab.put('faults', { faults: [{ where: 'clearing-house→push-service', what: 'status', status, times: 1 }] });
		assertAnswer(await send('sendToast', phone.channel.notificationUri, { text1: 'a', text2: 'b' }), { statusCode: status, ...expected });
	}
});
