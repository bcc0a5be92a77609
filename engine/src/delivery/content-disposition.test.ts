import { expect, it } from 'vitest'
import { contentDisposition } from './content-disposition.ts'

it.each([
  ['cats', 'attachment; filename="cats.mp4"'],
  ['cats.MP4', 'attachment; filename="cats.mp4"'],
  ['', 'attachment; filename="720p.mp4"'],
  ['..', 'attachment; filename="720p.mp4"'],
  ['../../etc/passwd', 'attachment; filename="_.._etc_passwd.mp4"'],
  ['a"; filename=evil.exe', 'attachment; filename="a_; filename=evil.exe.mp4"'],
  ['a\r\nset-cookie: b=c', 'attachment; filename="aset-cookie_ b=c.mp4"'],
  ['Übung (1)', `attachment; filename="_bung (1).mp4"; filename*=UTF-8''%C3%9Cbung%20%281%29.mp4`],
  ['gpj\u202e4pm', 'attachment; filename="gpj4pm.mp4"'],
  ['\ud800', `attachment; filename="_.mp4"; filename*=UTF-8''%EF%BF%BD.mp4`],
])('[ASVS-1.2.1, ASVS-3.2.1, ASVS-5.4.1, ASVS-5.4.2] names a download %j safely', (wished, header) => {
  expect(contentDisposition(wished, '720p.mp4')).toBe(header)
})

it('[ASVS-5.4.1] keeps a name within what file systems take', () => {
  expect(contentDisposition('x'.repeat(5000), 'audio.m4a')).toBe(
    `attachment; filename="${'x'.repeat(150)}.m4a"`,
  )
})
