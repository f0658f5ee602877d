import type { LinkFigures } from '../model';
import { lookUpNumber } from './look-up';
import type { FileAttributes } from './read-graphml';

export type ImportFigures = LinkFigures;

/** The figures of an edge, with their units; what is absent, or no possible figure, is left out. */
export function importFigures(attributes: FileAttributes): ImportFigures {
  const above = (value: number | undefined) => (value !== undefined && value > 0 ? value : undefined);
  const bps = above(lookUpNumber(attributes, 'bandwidthBps'));
  const mbps = above(lookUpNumber(attributes, 'bandwidthMbps')) ?? (bps && bps / 1e6);
  const latency = above(lookUpNumber(attributes, 'latencyMs'));
  const rtt = latency === undefined ? above(lookUpNumber(attributes, 'rttMs')) : undefined;
  const share = (
    name: 'lossRatio' | 'availabilityRatio' | 'utilisationRatio',
    least: number,
    most: number,
  ) => {
    const ratio = lookUpNumber(attributes, name);
    return ratio !== undefined && ratio >= least && ratio <= most ? `${figure(ratio * 100)} %` : undefined;
  };
  const cost = lookUpNumber(attributes, 'costPerGbUsd');
  const metric = lookUpNumber(attributes, 'metric');
  const utilisation = share('utilisationRatio', 0, 0.999);
  const figures = {
    bandwidth: mbps && `${figure(mbps)} Mbps`,
    latency: latency && `${figure(latency)} ms`,
    rtt: rtt && `${figure(rtt)} ms`,
    cost: cost !== undefined && cost >= 0 ? `${figure(cost)} USD/GB` : undefined,
    loss: share('lossRatio', 0, 0.999),
    availability: share('availabilityRatio', 1e-9, 1),
    utilisation: utilisation === '0 %' ? undefined : utilisation,
    metric:
      Number.isInteger(metric) && metric! >= 1 && metric! <= 65535 && metric !== 10 ? metric : undefined,
  };
  return Object.fromEntries(
    Object.entries(figures).filter(([, value]) => value !== undefined),
  ) as ImportFigures;
}

/** Does the node say where on Earth it is? */
export function isPlaced(attributes: FileAttributes): boolean {
  const [lat, lon] = [lookUpNumber(attributes, 'lat'), lookUpNumber(attributes, 'lon')];
  return lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
}

/** Digits without an exponent, and without the error of binary fractions. */
function figure(value: number): string {
  const text = String(Number(value.toPrecision(14)));
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text;
}
