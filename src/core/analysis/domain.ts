/** Which field of knowledge a text is about, by the beginnings of its words. Pure; imports spec. */

import type { Domain, Judged, TaskType } from '../../spec/analysis.ts';

/** Beginnings of words, in the languages that are told apart best; most roots are shared by several. */
const stems: Readonly<Record<Exclude<Domain, 'general'>, string>> = {
  software:
    'code coder coding program software function funktion fonction función функци python javascript typescript java rust sql html css json api server datab datenbank git docker linux kubern regex compil debug script algorit алгоритм код программ 代码 编程 函数 程序 数据库 服务器',
  mathematics:
    'math equation gleichung équation ecuación уравнен integral derivat ableitung dériv производн theorem proof matrix matri vector polynom algebra geometr calculus probab wahrschein вероятн percent prozent integer triangle dreieck 方程 导数 积分 概率 证明 矩阵 三角',
  science:
    'physic chemi biolog molecul atom energ energy quantum cell dna rna protein gene genet species evolution planet astronom galax star velocity accelerat electric voltage reaction enzyme ecosystem climate physik zelle physique célula клетк энерги 物理 化学 生物 细胞 能量',
  medicine:
    'patient disease symptom diagnos treatment therap drug dose clinical medic hospital surg infection vaccin blood cancer diabet pain fever arzt krankheit maladie médecin enfermedad médico болезн врач лечен 病人 症状 治疗 疾病 药',
  law: 'law legal court contract statute liabil plaintiff defendant clause tenant lease copyright gdpr recht vertrag gericht loi droit contrat tribunal ley contrato derecho закон договор суд право 法律 合同 法院 条款',
  business:
    'market customer revenue sales profit budget invest company business startup price pricing account tax inflation bank finance stock supplier unternehmen umsatz kunde rechnung entreprise client vente empresa ventas cliente прибыл компани продаж рынок 市场 客户 公司 销售 利润 预算',
  humanities:
    'history historical war empire century revolution novel poem author literature philosoph religion god moral ethic art painting music culture king queen geschichte roman krieg histoire guerre siècle historia guerra novela истори война роман литератур 历史 战争 小说 文学 哲学',
};

const shortest = 3;
const longest = 8;
const readCharacters = 800;

const byStem = new Map<string, readonly Domain[]>();

/** Only those who leave their model open have to pay for the table. */
const prepareStems = (): void => {
  if (byStem.size > 0) return;
  for (const [domain, list] of Object.entries(stems) as readonly (readonly [Domain, string])[]) {
    for (const stem of list.split(' ')) byStem.set(stem, [...(byStem.get(stem) ?? []), domain]);
  }
};

const usual: Readonly<Partial<Record<TaskType, Domain>>> = { code: 'software', mathematics: 'mathematics' };

/** The domain with the most hits; the kind of work counts as some. */
export const domainOf = (text: string, task: Judged<TaskType>): Judged<Domain> => {
  prepareStems();
  const hits = new Map<Domain, number>();
  const add = (domain: Domain, weight: number): void => {
    hits.set(domain, (hits.get(domain) ?? 0) + weight);
  };
  const own = usual[task.value];
  if (own !== undefined) add(own, 2 * task.confidence);
  const lower = text.slice(0, readCharacters).toLowerCase();
  for (const [word] of lower.matchAll(/[\p{L}\p{M}]+/gu)) {
    for (let length = Math.min(longest, word.length); length >= shortest; length -= 1) {
      const domains = byStem.get(word.slice(0, length));
      if (domains === undefined) continue;
      for (const domain of domains) add(domain, 1 / domains.length);
      break;
    }
    if (word.charCodeAt(0) < 0x2e80) continue;
    for (let start = 0; start < word.length; start += 1) {
      for (const domain of byStem.get(word.slice(start, start + 2)) ?? []) add(domain, 1);
    }
  }
  const ordered = [...hits].sort(([, left], [, right]) => right - left);
  const [best, second] = ordered;
  if (best === undefined || best[1] < 1) return { value: 'general', confidence: 0.5 };
  const share = best[1] / (best[1] + (second?.[1] ?? 0) + 1);
  return { value: best[0], confidence: Math.round(share * 1000) / 1000 };
};
