import { computed, nextTick, reactive, ref, shallowRef, watch } from 'vue'
import { Problem, type Words } from './api/client'
import { type Key, t } from './i18n'
import { afterPress } from './press'

type Check<V> = (value: never, values: V) => Key | null
interface Options<V> {
  /** Before the field's name in the `id`: for pages with several forms. */
  prefix?: string
  /** The server's name of a field → ours, where they differ. */
  alias?: Record<string, keyof V & string>
}

/** One form: what was typed, what is wrong with it, and whether it is on its way. Nothing typed is ever cleared. */
export function useForm<V extends Record<string, string | boolean>>(
  initial: V,
  checks: { [F in keyof V]?: (value: V[F], values: V) => Key | null },
  { prefix = '', alias = {} }: Options<V> = {},
) {
  type Field = keyof V & string
  const names = Object.keys(initial) as Field[]
  const values = reactive({ ...initial }) as V
  const wrong = reactive(new Map<Field, Words>())
  const errors = computed(
    () => Object.fromEntries([...wrong].map(([field, words]) => [field, words()])) as Partial<Record<Field, string>>,
  )
  const told: Partial<Record<Field, V[Field]>> = {} // by the server, about this value
  const refused = shallowRef<Problem | null>(null)
  const failure = computed(() => refused.value?.detail ?? '')
  const busy = ref(false)

  function problemOf(field: Field): Key | null {
    const look = checks[field] as Check<V> | undefined
    return look?.(values[field] as never, values) ?? null
  }

  function judge(field: Field): boolean {
    const key = problemOf(field)
    if (key) wrong.set(field, () => t(key))
    else if (told[field] === undefined || told[field] !== values[field]) wrong.delete(field)
    return !wrong.has(field)
  }

  /** On leaving a field. An empty one is nobody's mistake yet; that is for `submit`. */
  async function check(field: Field): Promise<boolean> {
    await afterPress()
    return values[field] === '' ? !wrong.has(field) : judge(field)
  }

  function set(field: Field, words: Words): void {
    wrong.set(field, words)
    told[field] = values[field]
  }

  function focusFirst(): void {
    const first = names.find((field) => wrong.has(field))
    if (first) void nextTick(() => document.getElementById(prefix + first)?.focus())
  }

  /** All of these fields are right; if not, the first wrong one gets the focus. */
  function ready(fields: Field[] = names): boolean {
    for (const field of fields) {
      delete told[field]
      judge(field)
    }
    const right = !fields.some((field) => wrong.has(field))
    if (!right) focusFirst()
    return right
  }

  /** What the server said: beside the fields that it names, the rest in `failure`. */
  function refuse(problem: Problem): void {
    const placed = Object.entries(problem.fields).filter(([name, words]) => {
      const field = (alias[name] ?? name) as Field
      if (names.includes(field)) set(field, words)
      return names.includes(field)
    })
    if (placed.length) focusFirst()
    else refused.value = problem
  }

  /** True when it went through. A second click while it is under way does nothing. */
  async function submit(run: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    refused.value = null
    if (!ready()) return false
    busy.value = true
    try {
      await run()
      return true
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      refuse(problem)
      return false
    } finally {
      busy.value = false
    }
  }

  const again = () => [...wrong.keys()].forEach(settle)
  function settle(field: Field): void {
    if (told[field] !== undefined && told[field] !== values[field]) {
      wrong.delete(field) // the server's word was about another value
      delete told[field]
    } else if (told[field] === undefined) judge(field)
  }
  watch(values, again)

  return { values, errors, failure, busy, check, set, ready, refuse, submit }
}
