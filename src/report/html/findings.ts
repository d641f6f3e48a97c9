import type { Story, StoryLine } from '../../check/explain.js';
import type { CheckResult, Finding } from '../../check/result.js';
import { formatDurationMs } from '../../units/duration.js';
import type { SimulatedAt } from '../simulated.js';
import { markup, Html } from './markup.js';
import { toldGroups, type ToldGroup } from '../told-groups.js';
import { formatCount } from '../../units/number.js';
import { verdictTag } from './page.js';

/** A page tells so many stories; it names the command that tells the others. */
const MAX_STORIES = 300;
const MAX_STORIES_EACH = 10;

/** The messages whose stories a page tells: those of the first findings of each kind. */
export function messagesToTell(checks: readonly CheckResult[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { messages } of checks.flatMap((check) =>
    toldGroups(check, checks).flatMap(({ first }) => first),
  )) {
    for (const id of messages.slice(0, MAX_STORIES_EACH)) if (ids.size < MAX_STORIES) ids.add(id);
  }
  return ids;
}

const isFault = ({ text }: StoryLine): boolean =>
  /^\S+ on \S+: (?:injecting|injected|felt|healing|healed|gone)\b/.test(text);

/** A time of the run, and the simulated one with it. */
function timeTag(atMs: number, simulatedAt: SimulatedAt): Html {
  const simulated = simulatedAt(atMs);
  return markup`<time>${formatDurationMs(atMs)}${simulated === null ? null : ` (${simulated})`}</time>`;
}

function storyFold(story: Story, simulatedAt: SimulatedAt): Html {
  return markup`<details class="story">
    <summary>The whole story of <span class="id">${story.id}</span></summary>
    <ol>
      ${story.lines.map(
        (line) =>
          markup`<li${isFault(line) ? new Html(' class="fault"') : null}>${timeTag(line.atMs, simulatedAt)}<span>${line.text}</span></li>`,
      )}
    </ol>
    <p>${story.ending}</p>
  </details>`;
}

interface Telling {
  readonly stories: ReadonlyMap<string, Story>;
  readonly dir: string;
  readonly simulatedAt: SimulatedAt;
}

/** A kind of findings: its sentence, the first of it in full, and the others folded. */
function groupPart(
  { sentence, isAlone, isToldBefore, first, rest, count }: ToldGroup,
  telling: Telling,
): Html {
  const folds = first.map((finding) => findingFold(finding, telling));
  if (isAlone && folds.length > 0) return markup`${folds}`;
  const others = count - first.length;
  return markup`<h4>${sentence}</h4>
    ${folds}
    ${
      others === 0
        ? null
        : markup`<details class="finding${isToldBefore ? ' again' : ''}">
            <summary>${first.length > 0 ? `The other ${formatCount(others)}` : count === 1 ? 'The finding' : `All ${formatCount(count)}`}</summary>
            <div class="inside">
              <ul class="evidence">
                ${rest.map(({ summary }) => markup`<li class="raw">${summary}</li>`)}
              </ul>
              ${others > rest.length ? markup`<p>and ${formatCount(others - rest.length)} more, in history.jsonl alone.</p>` : null}
            </div>
          </details>`
    }`;
}

function findingFold(finding: Finding, { stories, dir, simulatedAt }: Telling): Html {
  const { summary, atMs, messages, evidence } = finding;
  const told = messages.slice(0, MAX_STORIES_EACH).flatMap((id) => stories.get(id) ?? []);
  const untold = messages.filter((id) => !told.some((story) => story.id === id));
  return markup`<details class="finding">
    <summary>${atMs === null ? null : timeTag(atMs, simulatedAt)}${summary}</summary>
    <div class="inside">
      ${
        evidence.length === 0
          ? null
          : markup`<ul class="evidence">
              ${evidence.map((line) => markup`<li class="raw">${line}</li>`)}
            </ul>`
      }${told.map((story) => storyFold(story, simulatedAt))}${
        untold.length === 0
          ? null
          : markup`<p class="none">
              ${told.length === 0 ? 'Its story' : 'The others'}:
              <code>npx nobounce check ${dir} --explain ${untold[0] ?? ''}</code>
            </p>`
      }
    </div>
  </details>`;
}

/** What each check found, with the whole story of every message folded under the finding. */
export function findingsSection(
  checks: readonly CheckResult[],
  stories: ReadonlyMap<string, Story>,
  dir: string,
  simulatedAt: SimulatedAt,
): Html {
  const found = checks.filter(({ findings }) => findings.length > 0);
  return markup`<section id="findings" class="findings">
    <h2>Findings</h2>
    <p>
      ${
        found.length === 0
          ? 'No check found anything wrong.'
          : 'Open a finding for its evidence, and in it the story of each message: what was promised, what was tried, where it ended.'
      }
    </p>
    ${found.map(
      (check) =>
        markup`<article id="finding-${check.name}">
          <h3>${verdictTag(check.verdict)} ${check.name}</h3>
          <p>${check.promise}</p>
          ${toldGroups(check, checks, simulatedAt).map((group) => groupPart(group, { stories, dir, simulatedAt }))}
        </article>`,
    )}
  </section>`;
}
