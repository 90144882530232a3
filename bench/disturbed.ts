/**
 * What controllers that misbehave cost those that do not: the time from a command to a working controller, undisturbed and
 * with twelve of one bad kind beside it, in turns, so that both see the same machine. `node bench/disturbed.ts [CHANGES]`.
 */
import { type Api, apiAt, change, registerCluster } from '../test/processes/api.ts';
import { behaviours, openMisbehaving, openWitness, type Witness } from '../test/processes/peers.ts';
import { createScene, freePorts, until } from '../test/processes/processes.ts';

const changes = Number(process.argv[2] ?? 60);
const BAD = 12;
const TURNS = 4;

const timed = async (api: Api, witness: Witness): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let i = 0; i < changes; i += 1) {
    const begun = performance.now();
    const position = await change(api);
    while (witness.newest() < position) await new Promise((resolve) => setImmediate(resolve));
    times.push(performance.now() - begun);
  }
  return times;
};

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

for (const [kind, behaviour] of Object.entries(behaviours)) {
  const scene = createScene();
  try {
    const [port = 0] = await freePorts(1);
    await scene.serve({ role: 'clc', data: await scene.folder(), port, 'push-timeout-ms': 20_000 });
    const api = apiAt(port);
    const witness = await openWitness();
    scene.atEnd(witness.close);
    await registerCluster(api, 'well', witness.endpoint);
    const names: string[] = [];
    for (let i = 0; i < BAD; i += 1) {
      const peer = await openMisbehaving(behaviour);
      scene.atEnd(peer.close);
      names.push(`bad-${i}`);
      await registerCluster(api, `bad-${i}`, peer.endpoint);
      await api.must('POST', `/v1/clusters/bad-${i}/disable`, { reason: 'its turn comes' });
    }
    await timed(api, witness);
    const alone: number[] = [];
    const beside: number[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      alone.push(...(await timed(api, witness)));
      for (const name of names) await api.must('POST', `/v1/clusters/${name}/enable`);
      await until(async () => (await api.cluster(names.at(-1) ?? '')).wanted !== null, 'the bad ones to be served');
      beside.push(...(await timed(api, witness)));
      for (const name of names) await api.must('POST', `/v1/clusters/${name}/disable`, { reason: 'in turns' });
    }
    const ratio = (median(beside) / median(alone)).toFixed(2);
    process.stdout.write(
      `${kind.padEnd(24)} alone ${median(alone).toFixed(1)} ms, beside ${BAD} bad ${median(beside).toFixed(1)} ms, ratio ${ratio}\n`,
    );
  } finally {
    await scene.end();
  }
}
