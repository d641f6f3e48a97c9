import type { Judgement } from '../../check/judgement.js';
import { formatDurationMs } from '../../units/duration.js';
import { formatCount } from '../../units/number.js';
import { recoveryMs } from '../../check/delivered-after-recovery.js';
import { FATES, type Outcomes } from '../outcomes.js';
import { markup, type Html } from './markup.js';
import type { Axis } from './axis.js';
import { panelFigure } from './panel.js';
import type { Colour } from './svg.js';

const COLOURS: Readonly<Record<keyof Outcomes, Colour>> = {
  delivered: 'accepted',
  queued: 'deferred',
  bounced: 'ambiguous',
  lost: 'rejected',
  unaccounted: 'unsent',
};

/** What became of accepted mail, over the time of its acceptance: the parts add up to what was accepted. */
export function outcomeFigure(judgement: Judgement, outcomes: Outcomes, axis: Axis): Html {
  const { mail } = judgement;
  if (mail.accepted === 0) return markup`<p class="none">No mail was accepted.</p>`;
  const strands = FATES.filter((fate) => fate === 'delivered' || fate === 'lost' || mail[fate] > 0).map(
    (fate) => {
      const name = fate === 'unaccounted' ? 'unaccounted for' : fate;
      return {
        name,
        legend: `${formatCount(mail[fate])} ${name}`,
        colour: COLOURS[fate],
        values: outcomes[fate],
        shape: 'bars' as const,
      };
    },
  );
  return panelFigure(
    {
      id: 'outcome',
      title: `What became of ${formatCount(mail.accepted)} accepted messages`,
      about: `By the time of their acceptance, and by their fate at the end. ${beside(judgement)}`,
      strands,
    },
    axis,
  );
}

/** What is no fate, and therefore no part of the sum. */
function beside(judgement: Judgement): string {
  const { acceptedInOutage, duplicated, corrupted, misdelivered, rejected } = judgement.mail;
  const recovered = recoveryMs(judgement);
  const told = [
    `${formatCount(acceptedInOutage)} were accepted in the outage`,
    ...(recovered === null ? [] : [`the last delivery came ${formatDurationMs(recovered)} after the heal`]),
    ...(duplicated > 0 ? [`${formatCount(duplicated)} arrived more often than they may`] : []),
    ...(corrupted > 0 ? [`${formatCount(corrupted)} arrived damaged`] : []),
    ...(misdelivered > 0 ? [`${formatCount(misdelivered)} went to someone else`] : []),
    ...(rejected > 0 ? [`beside them ${formatCount(rejected)} were refused for good`] : []),
  ];
  return `${told.join('; ')}.`;
}
