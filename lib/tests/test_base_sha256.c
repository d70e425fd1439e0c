/*
 * SHA-256 against the examples of the standard, and around the ends of blocks.
 */
#include "base/mem.h"
#include "base/sha256.h"

#include <check.h>
#include <string.h>

static const char *of(const char *text)
{
    static char digest[WEIR__SHA256_TEXT];
    weir__sha256(text, strlen(text), digest);
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

START_TEST(a_million_letters)
{
    char digest[WEIR__SHA256_TEXT];
    char *letters = weir__alloc(1000000);
    memset(letters, 'a', 1000000);
    weir__sha256(letters, 1000000, digest);
    ck_assert_str_eq(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    weir__free(letters);
}
END_TEST

/* 55 bytes and the padding fill a block; 56 need a second one. From sha256sum. */
START_TEST(padding_around_the_end_of_a_block)
{
    ck_assert_str_eq(of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                     "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    ck_assert_str_eq(of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                     "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    ck_assert_str_eq(of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                     "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base sha256");
    TCase *tests = tcase_create("sha256");
    tcase_add_test(tests, the_standards_examples);
    tcase_add_test(tests, a_million_letters);
    tcase_add_test(tests, padding_around_the_end_of_a_block);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
