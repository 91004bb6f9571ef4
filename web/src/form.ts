import { computed, nextTick, reactive, ref, shallowRef, watch } from 'vue'
import { type LocalizedText, Problem } from './api/client'
import { type Key, t } from './i18n'
import { waitForRelease } from './pointer'

/** The key of the text that says what is wrong with a value; null when it is valid. */
type Validator<V> = (value: never, values: V) => Key | null
interface Options<V> {
  /** Stands before the field's name in the `id`: for pages with several forms. */
  prefix?: string
  /** The server's name of a field → ours, where they differ. */
  aliases?: Record<string, keyof V & string>
}

/** The values of a form, their errors and whether it is being sent. What was typed is never cleared. */
export function useForm<V extends Record<string, string | boolean>>(
  initial: V,
  validators: { [F in keyof V]?: (value: V[F], values: V) => Key | null },
  { prefix = '', aliases = {} }: Options<V> = {},
) {
  type Field = keyof V & string
  const fields = Object.keys(initial) as Field[]
  const values = reactive({ ...initial }) as V
  const invalid = reactive(new Map<Field, LocalizedText>())
  const errors = computed(
    () => Object.fromEntries([...invalid].map(([field, text]) => [field, text()])) as Partial<Record<Field, string>>,
  )
  const refusedValues: Partial<Record<Field, V[Field]>> = {} // by the server
  const problem = shallowRef<Problem | null>(null)
  const failure = computed(() => problem.value?.detail ?? '')
  const isBusy = ref(false)

  function validate(field: Field): boolean {
    const validator = validators[field] as Validator<V> | undefined
    const key = validator?.(values[field] as never, values) ?? null
    if (key) invalid.set(field, () => t(key))
    else if (refusedValues[field] === undefined || refusedValues[field] !== values[field]) invalid.delete(field)
    return !invalid.has(field)
  }

  /** Validates a field that was left. An empty one is reported by `submit` only. */
  async function validateLeft(field: Field): Promise<boolean> {
    await waitForRelease()
    return values[field] === '' ? !invalid.has(field) : validate(field)
  }

  function focusFirstInvalid(): void {
    const field = fields.find((name) => invalid.has(name))
    if (field) void nextTick(() => document.getElementById(prefix + field)?.focus())
  }

  /** True when all of these fields are valid; if not, the first invalid one gets the focus. */
  function validateAll(names: Field[] = fields): boolean {
    for (const field of names) {
      delete refusedValues[field]
      validate(field)
    }
    const isValid = !names.some((field) => invalid.has(field))
    if (!isValid) focusFirstInvalid()
    return isValid
  }

  /** Shows the server's errors beside the fields that it names, the rest as `failure`. */
  function showProblem(refusal: Problem): void {
    const shown = Object.entries(refusal.fields).filter(([name, text]) => {
      const field = (aliases[name] ?? name) as Field
      if (!fields.includes(field)) return false
      invalid.set(field, text)
      refusedValues[field] = values[field]
      return true
    })
    if (shown.length) focusFirstInvalid()
    else problem.value = refusal
  }

  /** True when it went through. A second click while it is being sent does nothing. */
  async function submit(send: () => Promise<unknown>): Promise<boolean> {
    if (isBusy.value) return false
    problem.value = null
    if (!validateAll()) return false
    isBusy.value = true
    try {
      await send()
      return true
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      showProblem(error)
      return false
    } finally {
      isBusy.value = false
    }
  }

  function updateError(field: Field): void {
    if (refusedValues[field] === undefined) validate(field)
    else if (refusedValues[field] !== values[field]) {
      invalid.delete(field) // the server refused another value
      delete refusedValues[field]
    }
  }
  watch(values, () => [...invalid.keys()].forEach(updateError))

  return { values, errors, failure, isBusy, validateLeft, validateAll, submit }
}
