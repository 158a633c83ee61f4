// Grafana's dashboards, made of tables of panels.
import type { Panel } from './panels.ts';

/** Of Grafana 11; newer ones read it. */
const SCHEMA_VERSION = 39;

/** Grafana's grid has 24 columns: two panels stand beside each other. */
const WIDTH = 12;
const HEIGHT = 8;

export function dashboard(uid: string, title: string, panels: readonly Panel[]): object {
  return {
    uid,
    title,
    schemaVersion: SCHEMA_VERSION,
    tags: ['spindle'],
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [{ name: 'source', label: 'Data source', type: 'datasource', query: 'prometheus' }],
    },
    panels: panels.map(panelOf),
  };
}

function panelOf({ title, unit, lines }: Panel, index: number): object {
  const datasource = { type: 'prometheus', uid: '${source}' };
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    datasource,
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: Object.entries(lines).map(([legendFormat, expr], line) => ({
      refId: 'ABCD'.charAt(line),
      datasource,
      expr,
      legendFormat,
    })),
  };
}
