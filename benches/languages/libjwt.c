/* Signs and verifies with libjwt. Prints: name, a token, signed and verified a second. */
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const unsigned char *secret;
static int length;

static void check(int failed, const char *what)
{
    if (failed) {
        fprintf(stderr, "libjwt: %s\n", what);
        exit(1);
    }
}

static char *sign(void)
{
    jwt_t *jwt;
    time_t now = time(NULL);

    check(jwt_new(&jwt), "new");
    check(jwt_set_alg(jwt, JWT_ALG_HS256, secret, length), "set_alg");
    check(jwt_add_grant(jwt, "email", "ada@example.com"), "email");
    check(jwt_add_grant(jwt, "name", "Ada Lovelace"), "name");
    check(jwt_add_grant(jwt, "external_id", "user_0192f0c12d3e7f40"), "external_id");
    check(jwt_add_grant_int(jwt, "iat", now), "iat");
    check(jwt_add_grant_int(jwt, "exp", now + 3600), "exp");
    char *token = jwt_encode_str(jwt);
    check(token == NULL, "encode");
    jwt_free(jwt);
    return token;
}

static void verify(const char *token)
{
    jwt_t *jwt;

    check(jwt_decode(&jwt, token, secret, length), "decode");
    check(jwt_get_alg(jwt) != JWT_ALG_HS256, "another algorithm");
    const char *email = jwt_get_grant(jwt, "email");
    check(email == NULL || strcmp(email, "ada@example.com") != 0, "it does not verify its own token");
    check(jwt_get_grant_int(jwt, "exp") <= time(NULL), "expired");
    jwt_free(jwt);
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char **arguments)
{
    check(count != 2, "usage: libjwt SECONDS");
    double seconds = atof(arguments[1]), begin;
    long signs = 0, verifies = 0;

    secret = (const unsigned char *)getenv("BOOSTGPT_SSO_SECRET");
    check(secret == NULL, "BOOSTGPT_SSO_SECRET is not set");
    length = (int)strlen((const char *)secret);
    char *token = sign();
    verify(token);
    for (begin = seconds_now(); seconds_now() - begin < seconds; signs += 50)
        for (int i = 0; i < 50; i++)
            free(sign());
    double signed_rate = (double)signs / (seconds_now() - begin);
    for (begin = seconds_now(); seconds_now() - begin < seconds; verifies += 50)
        for (int i = 0; i < 50; i++)
            verify(token);
    double verified_rate = (double)verifies / (seconds_now() - begin);
    printf("libjwt (C)\t%s\t%f\t%f\n", token, signed_rate, verified_rate);
    free(token);
    return 0;
}
