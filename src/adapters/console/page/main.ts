/** The page's own program: puts its parts together, loads all there is to see, and keeps the key in this tab only. */
import { listen } from './acts.ts';
import { createApi } from './api.ts';
import { createLiveLog } from './liveLog.ts';
import { createLoader } from './loading.ts';
import { createMoves } from './moves.ts';
import { createRefreshing } from './refreshing.ts';
import { createStage } from './stage.ts';
import { initialState, isShutOut } from './state.ts';

const KEY = 'edgelog.key';
const BOARD_EVERY_MS = 2000;

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`expected the element ${id}, got none`);
  return found;
};

const root = element('console');
const stage = createStage(root, initialState(location.hash, sessionStorage.getItem(KEY) !== null));
const { state, change } = stage;

const api = createApi(
  () => sessionStorage.getItem(KEY) ?? undefined,
  (...asked) => fetch(...asked),
);
const loader = createLoader({ api, state, change, now: () => performance.now() });
const refreshing = createRefreshing(stage, loader);
const liveLog = createLiveLog(api, stage, refreshing.soon);
const moves = createMoves(api, stage, loader, liveLog.start);

/** First who asks: that says what there is to ask for. */
const loadAll = async (): Promise<void> => {
  await loader.load('caller');
  if (state().needsKey || isShutOut(state())) return;
  await loader.now();
  await Promise.all([
    loader.paced(() => loader.load('network')),
    loader.load('log', 'moment', 'difference', 'trace', 'why', 'history', 'found'),
  ]);
  liveLog.start();
};

const openWithKey = async (key: string): Promise<void> => {
  sessionStorage.setItem(KEY, key);
  change({ needsKey: false, hasKey: true, keyRefused: false });
  await loadAll();
};

const forgetKey = (): void => {
  sessionStorage.removeItem(KEY);
  liveLog.stop();
  change({ ...initialState(location.hash, false), width: state().width, needsKey: true });
};

listen({
  ...{ root, tip: element('tip'), stage, moves, openWithKey, forgetKey },
  askWhy: () => void loader.load('why'),
});
document.addEventListener('visibilitychange', refreshing.soon);
setInterval(() => void refreshing.lookAgain(), BOARD_EVERY_MS);
void loadAll();
