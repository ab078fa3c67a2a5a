import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { classifyError } from '../../../shared/dialects/error-class.ts'

const classOf = (status: number, type: string | null = null, message: string | null = null) =>
  classifyError(status, { type, code: null, message })

test('the words of an error weigh more than its status', () => {
  deepEqual(classOf(429, 'insufficient_quota'), { errorClass: 'quota', retryable: false })
  deepEqual(classOf(400, 'invalid_request_error', 'Your credit balance is too low'), {
    errorClass: 'quota',
    retryable: false,
  })
  deepEqual(classOf(200, 'overloaded_error'), { errorClass: 'overloaded', retryable: true })
  deepEqual(classOf(404, 'not_found_error'), { errorClass: 'model_not_found', retryable: false })
})

test('an error without known words is classed by its status', () => {
  deepEqual(classOf(529), { errorClass: 'overloaded', retryable: true })
  deepEqual(classOf(422), { errorClass: 'request_invalid_for_candidate', retryable: false })
  deepEqual(classOf(418, 'teapot'), { errorClass: 'request_invalid_for_candidate', retryable: false })
  deepEqual(classOf(500), { errorClass: 'server_error', retryable: true })
  deepEqual(classOf(200, 'server_error'), { errorClass: 'server_error', retryable: true })
})
