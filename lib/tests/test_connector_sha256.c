/*
 * SHA-256 as S3 wants it, against the examples of the standard.
 */
#include <stdio.h>

#ifndef WEIR_HAVE_LIBCRYPTO
int main(void)
{
    puts("# SKIP libcrypto is not installed");
    return 0;
}
#else

#include "connector/sha256.h"

#include <check.h>
#include <string.h>

static const char *of(const char *text)
{
    static char digest[WEIR__SHA256_TEXT];
    ck_assert_int_eq(weir__sha256(text, strlen(text), digest, NULL), WEIR_OK);
    return digest;
}

START_TEST(the_standards_examples)
{
    ck_assert_str_eq(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_str_eq(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_str_eq(of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
END_TEST

START_TEST(no_bytes_may_be_nowhere)
{
    char digest[WEIR__SHA256_TEXT];
    ck_assert_int_eq(weir__sha256(NULL, 0, digest, NULL), WEIR_OK);
    ck_assert_str_eq(digest, of(""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("SHA-256");
    TCase *tests = tcase_create("sha256");
    tcase_add_test(tests, the_standards_examples);
    tcase_add_test(tests, no_bytes_may_be_nowhere);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
#endif
