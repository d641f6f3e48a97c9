import { Command } from '@commander-js/extra-typings';

export const doctorCommand = new Command('doctor')
  .description('say what is missing on this machine, and the command that mends it')
  .addHelpText(
    'after',
    `
It looks where a run would look: DOCKER_HOST, DOCKER_CONTEXT, ~/.testcontainers.properties, the current Docker
context, then the sockets of this machine.

Examples:
  nobounce doctor
  DOCKER_HOST=tcp://127.0.0.1:2375 nobounce doctor

Exit codes: 0 nothing is missing, 4 something is.`,
  )
  .action(async () => {
    const { tellWhatIsMissing } = await import('./missing.js');
    await tellWhatIsMissing();
  });
