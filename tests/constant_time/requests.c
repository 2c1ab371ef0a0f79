/* Valgrind's client requests, which are macros, as functions. */
#include <stddef.h>
#include <valgrind/memcheck.h>

int request_is_running(void) { return RUNNING_ON_VALGRIND != 0; }
void request_undefined(const void *bytes, size_t length) { (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, length); }
void request_defined(const void *bytes, size_t length) { (void)VALGRIND_MAKE_MEM_DEFINED(bytes, length); }
size_t request_errors(void) { return VALGRIND_COUNT_ERRORS; }
