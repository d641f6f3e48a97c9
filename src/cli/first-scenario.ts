/** What `nobounce init` writes: a whole scenario, each part with what one may want to change about it. */
export function firstScenario(name: string, stack: string): string {
  return `# A scenario: what breaks, what mail flows meanwhile, and what must hold. All there is: docs/scenario.md.
# Editors complete it with the schema: \`nobounce schema > scenario.schema.json\`
# yaml-language-server: $schema=./scenario.schema.json

name: ${name}
title: The storage under our mail fails every write for 15 seconds
tags: [storage, ci]

# What is tested: a stack that comes with nobounce (\`nobounce list\`), or a folder with a stack.yaml.
stack: ${stack}

# Your domains, under .test, .example or .invalid, and the volumes that their mailboxes are spread over.
# Keep one volume without a fault: it shows whether the others notice (blast-radius).
domains:
  - { name: one.test, mailboxes: 6, volumes: [gold] }
  - { name: two.test, mailboxes: 4, volumes: [silver] }

# Silent storage: \`soft\` mounts fail after 10 s, \`hard\` ones wait for as long as it takes.
storage: { mount: soft }

# Mail that keeps flowing. Units are required: 5/s, 30/m, 2 KiB..64 KiB.
traffic:
  inbound: { rate: 5/s, size: 2 KiB..64 KiB } # from outside to the mailboxes
  outbound: { rate: 1/s } # from subscribers to the outside
  internal: { rate: 1/s } # from subscriber to subscriber
  readers: { every: 500ms } # LOGIN, SELECT, FETCH

timeline:
  - steady: 8s # how it is when all is well; the mailboxes are filled in this time
  # What breaks. Others: latency, stall, refuse, read-only, disk-full, quota-exceeded, mount-lost … (docs/faults.md)
  - inject: { fault: vendor-os-bug, volume: gold, errno: EIO, operations: [write, fsync] }
  - hold: 15s
  - heal: all
  - settle: 60s # at most: it ends when all mail is found

# Every check applies. Here stands only what differs, such as a limit of your own (docs/checks.md).
checks:
  delivered-after-recovery: { within: 30s }
  # blast-radius: { skip: 'one volume only' }
`;
}
