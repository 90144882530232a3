/** What people do on the page: every listener there is. Elements say by `data-act` what is meant by touching them. */
import type { Moves } from './moves.ts';
import { instanceAt } from './pictureLayout.ts';
import { fragmentOf, placeOf } from './place.ts';
import type { Stage } from './stage.ts';
import { layoutShown } from './views/networkPanel.ts';
import { described } from './views/picture.ts';
import { trafficOf } from './views/why.ts';

export type Acts = {
  readonly root: HTMLElement;
  readonly tip: HTMLElement;
  readonly stage: Stage;
  readonly moves: Moves;
  readonly openWithKey: (key: string) => Promise<void>;
  readonly forgetKey: () => void;
  /** The question is asked again, although it may be the same. */
  readonly askWhy: () => void;
};

const actOf = (event: Event): HTMLElement | undefined =>
  event.target instanceof Element ? (event.target.closest<HTMLElement>('[data-act]') ?? undefined) : undefined;

const slide = ({ moves }: Acts, field: HTMLInputElement): void => {
  const value = Number(field.value);
  if (field.dataset['member'] === 'from') moves.slip({ from: String(value), to: '' });
  else moves.showAt(value);
};

const typed = (acts: Acts, event: Event): void => {
  const field = actOf(event);
  if (!(field instanceof HTMLInputElement)) return;
  if (field.dataset['act'] === 'slide') slide(acts, field);
  if (field.dataset['act'] === 'filter') acts.moves.slip({ [field.dataset['member'] ?? '']: field.value.trim() });
};

const submitted = ({ moves, openWithKey, askWhy }: Acts, event: SubmitEvent): void => {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const words = new FormData(form);
  const word = (name: string): string => String(words.get(name) ?? '').trim();
  switch (form.dataset['act']) {
    case 'key':
      if (word('key') !== '') void openWithKey(word('key'));
      form.reset();
      break;
    case 'goto':
      if (word('moment') !== '') void moves.goTo(word('moment'));
      break;
    case 'why': {
      const traffic = trafficOf(word('protocol'), word('port'));
      moves.slip({ source: word('source'), destination: word('destination'), traffic });
      askWhy();
      break;
    }
  }
};

const pointed = ({ stage }: Acts, event: MouseEvent): ReturnType<typeof instanceAt> => {
  const svg = event.target instanceof Element ? event.target.closest('svg.picture') : null;
  const layout = layoutShown(stage.state());
  if (svg === null || layout === undefined) return undefined;
  const { left, top } = svg.getBoundingClientRect();
  return instanceAt(layout, event.clientX - left, event.clientY - top);
};

/** After the page has been drawn for the new place. */
const goToPanel = (id: string): void => {
  setTimeout(() => {
    document.getElementById(id)?.scrollIntoView({ block: 'nearest' });
    document.getElementById(id)?.focus({ preventScroll: true });
  }, 50);
};

const clicked = (acts: Acts, event: MouseEvent): void => {
  const instance = pointed(acts, event);
  if (instance !== undefined) location.hash = fragmentOf({ ...acts.stage.state().place, select: instance.instanceId });
  const act = actOf(event);
  if (act?.dataset['act'] === 'forget-key') acts.forgetKey();
  if (act?.dataset['act'] === 'go') goToPanel(act.dataset['to'] ?? '');
};

const hovered = (acts: Acts, event: PointerEvent): void => {
  const { tip } = acts;
  const instance = pointed(acts, event);
  tip.hidden = instance === undefined;
  if (instance === undefined) return;
  tip.textContent = described(instance);
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${event.clientY + 16}px`;
};

export const listen = (acts: Acts): void => {
  const { root, tip, stage, moves } = acts;
  root.addEventListener('input', (event) => typed(acts, event));
  root.addEventListener('submit', (event) => submitted(acts, event));
  root.addEventListener('click', (event) => clicked(acts, event));
  root.addEventListener('pointermove', (event) => hovered(acts, event));
  root.addEventListener('pointerleave', () => {
    tip.hidden = true;
  });
  addEventListener('hashchange', () => moves.enter(placeOf(location.hash)));
  new ResizeObserver(stage.measure).observe(root);
};
