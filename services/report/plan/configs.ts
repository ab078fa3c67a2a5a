import { stringify } from 'yaml'
import { sliceTitle } from '../words.ts'
import { type Plan } from './plan.ts'

export type ConfigFor = 'litellm' | 'nginx' | 'envoy' | 'istio' | 'argo' | 'flagger'
export const configNames: readonly ConfigFor[] = ['litellm', 'nginx', 'envoy', 'istio', 'argo', 'flagger']

/** What a rollout hashes to keep a user on one side: a header of the app's own, and never the tap's key. */
export const userHeader = 'x-user-id'

const namespace = 'default'
const reportUrl = 'http://understudy-report:3400'

/** The configuration of one stage; of Argo Rollouts and Flagger that of all. Names in capitals are to be filled in. */
export function configOf(plan: Plan, name: ConfigFor, percent: number): string {
  return configs[name](plan, percent)
}

type Write = (plan: Plan, percent: number) => string

const head = ({ candidate, verdict, except }: Plan, lines: readonly string[]) =>
  [
    `Rollout of ${candidate}, written by understudy plan. The verdict was ${verdict}.`,
    ...(verdict === 'go' ? [] : ['It was not GO: nothing shows that users would not notice.']),
    ...(except.length === 0
      ? []
      : [`Route before this, to the served model alone: ${except.map(sliceTitle).join('; ')}.`]),
    ...lines,
  ]
    .map((line) => `# ${line}\n`)
    .join('')

const shares = (percent: number) => ({ candidate: percent, served: 100 - percent })
const servedModel = ({ servedModels }: Plan) => servedModels[0] ?? 'SERVED_MODEL'
const percents = ({ stages }: Plan) => stages.map(({ percent }) => percent)

const perRequest =
  'It draws for each request by itself, so its choice has nothing to do with the tap’s; a conversation may change sides.'

const configs: Record<ConfigFor, Write> = {
  litellm(plan, percent) {
    const weight = shares(percent)
    const deployment = (model: string, provider: string, share: number) => ({
      model_name: servedModel(plan),
      litellm_params: {
        model: `${provider}/${model}`,
        api_key: `os.environ/${provider.toUpperCase().replaceAll('-', '_')}_API_KEY`,
        weight: share,
      },
    })
    const deployments = [
      ...(weight.served > 0 ? [deployment(servedModel(plan), 'SERVED_PROVIDER', weight.served)] : []),
      deployment(plan.model, plan.provider, weight.candidate),
    ]
    return (
      head(plan, [`LiteLLM proxy, stage ${percent} % of ${percents(plan).join(', ')}. ${perRequest}`]) +
      stringify({ model_list: deployments, router_settings: { routing_strategy: 'simple-shuffle' } })
    )
  },
  nginx(plan, percent) {
    const split = percent === 100 ? '    * candidate;' : `    ${percent}% candidate;\n    * served;`
    return `${head(plan, [
      `NGINX, stage ${percent} % of ${percents(plan).join(', ')}. Belongs into http { }.`,
      `Users are told apart by ${userHeader}, with a salt: whoever the tap samples is on either side as often as anybody.`,
      'A user who is on the new side stays there when the share grows. Requests without the header are all on one side.',
    ])}split_clients "understudy-rollout-${plan.candidate}$http_${userHeader.replaceAll('-', '_')}" $model_side {
${split}
}
map $model_side $model_backend {
    candidate CANDIDATE_HOST:8080;
    default SERVED_HOST:8080;
}
# In the location: proxy_pass http://$model_backend; add_header x-model-side $model_side;
`
  },
  envoy(plan, percent) {
    const weight = shares(percent)
    return (
      head(plan, [`Envoy route, stage ${percent} % of ${percents(plan).join(', ')}. ${perRequest}`]) +
      stringify({
        name: `rollout-${plan.candidate}`,
        match: { prefix: '/' },
        route: {
          weighted_clusters: {
            clusters: [
              { name: 'served', weight: weight.served },
              { name: plan.candidate, weight: weight.candidate },
            ],
          },
        },
      })
    )
  },
  istio(plan, percent) {
    const weight = shares(percent)
    const destination = (host: string, share: number) => ({ destination: { host }, weight: share })
    return (
      head(plan, [`Istio, stage ${percent} % of ${percents(plan).join(', ')}. ${perRequest}`]) +
      stringify({
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: `rollout-${plan.candidate}`, namespace },
        spec: {
          hosts: ['LLM_GATEWAY'],
          http: [{ route: [destination('served', weight.served), destination(plan.candidate, weight.candidate)] }],
        },
      })
    )
  },
  argo(plan) {
    const steps = plan.stages.slice(0, -1).flatMap(({ percent, days, minDays }) => [
      { setWeight: percent },
      {
        analysis: {
          templates: [{ templateName: 'understudy-verdict' }],
          args: [{ name: 'candidate', value: plan.candidate }],
        },
      },
      { pause: { duration: duration(days ?? minDays) } },
    ])
    return (
      head(plan, [
        'Argo Rollouts: the strategy of the Rollout. The template is infra/recipes/argo-rollouts.yaml; inconclusive pauses.',
        perRequest,
      ]) +
      stringify({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Rollout',
        metadata: { name: 'LLM_GATEWAY', namespace },
        spec: { strategy: { canary: { steps } } },
      })
    )
  },
  flagger(plan) {
    const longest = Math.max(...plan.stages.slice(0, -1).map(({ days, minDays }) => days ?? minDays))
    const gate = `${reportUrl}/api/v1/candidates/${plan.candidate}/gate`
    return (
      head(plan, [
        'Flagger: each step lasts one interval, so the interval is that of the longest stage. See infra/recipes/flagger.yaml.',
        perRequest,
      ]) +
      stringify({
        apiVersion: 'flagger.app/v1beta1',
        kind: 'Canary',
        metadata: { name: 'LLM_GATEWAY', namespace },
        spec: {
          targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'LLM_GATEWAY' },
          service: { port: 80 },
          analysis: {
            interval: duration(longest),
            threshold: 1,
            // After the last, promotion brings the rest.
            stepWeights: percents(plan).slice(0, -1),
            webhooks: [
              { name: 'understudy go', type: 'confirm-traffic-increase', url: gate, timeout: '30s' },
              { name: 'understudy no-go', type: 'rollback', url: `${gate}?expect=no_go`, timeout: '30s' },
            ],
          },
        },
      })
    )
  },
}

/** Whole minutes, as Go reads them. */
function duration(days: number): string {
  const minutes = Math.ceil(days * 1_440 - 1e-9)
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`
}
