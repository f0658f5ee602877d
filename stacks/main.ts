import { App } from 'cdktf';
import { buildSixRegions } from './six-regions';

export { buildSixRegions } from './six-regions';

// `cdktf synth` and `cdktf deploy` run this program; cdktf.json names it.
if (require.main === module) {
  const app = new App();
  buildSixRegions(app);
  app.synth();
}
