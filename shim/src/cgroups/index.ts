// Control groups of containers: where they are, who is in them, what they have used.
export { memoryKills, metricsOf } from './metrics.ts';
export { cgroupOf, type CgroupPlace, processFolder } from './place.ts';
export { processesIn } from './read.ts';
