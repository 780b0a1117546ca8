# Options and flags. What users of the library must share is in GASKET_PUBLIC_*; the rest (warnings, tuning)
# holds for the project's own targets only and is never exported.

option(GASKET_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(GASKET_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(GASKET_NATIVE "Tune for the CPU of this machine (-march=native)" ${PROJECT_IS_TOP_LEVEL})
option(GASKET_WERROR "Treat warnings as errors" OFF)
set(GASKET_SANITIZE "off" CACHE STRING "off, address (with undefined behaviour) or thread")
set(GASKET_THREADS_BACKEND "tbb" CACHE STRING "tbb, or std: plain std::thread loops, which ThreadSanitizer understands")
set_property(CACHE GASKET_SANITIZE PROPERTY STRINGS off address thread)
set_property(CACHE GASKET_THREADS_BACKEND PROPERTY STRINGS tbb std)

foreach(option_and_values "GASKET_SANITIZE;off;address;thread" "GASKET_THREADS_BACKEND;tbb;std")
  list(POP_FRONT option_and_values option)
  if(NOT "${${option}}" IN_LIST option_and_values)
    message(FATAL_ERROR "${option} is '${${option}}'; allowed: ${option_and_values}")
  endif()
endforeach()

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Release keeps line tables, so that a crash or a profile names a line. RelWithDebInfo keeps assertions (no NDEBUG).
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")

# No contraction into fused multiply-adds: the same program gives the same bits whatever the -march. Never -ffast-math.
set(GASKET_PUBLIC_OPTIONS -ffp-contract=off -fno-trapping-math -fno-math-errno)
set(GASKET_PUBLIC_LINK_OPTIONS "")
set(GASKET_PUBLIC_DEFINITIONS "")

if(GASKET_THREADS_BACKEND STREQUAL "std")
  list(APPEND GASKET_PUBLIC_DEFINITIONS GASKET_STD_THREADS)
endif()

if(GASKET_SANITIZE STREQUAL "address")
  set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined)
elseif(GASKET_SANITIZE STREQUAL "thread")
  set(sanitize -fsanitize=thread)
endif()
if(NOT GASKET_SANITIZE STREQUAL "off")
  list(APPEND GASKET_PUBLIC_OPTIONS ${sanitize} -fno-omit-frame-pointer)
  list(APPEND GASKET_PUBLIC_LINK_OPTIONS ${sanitize})
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Wvla -Wfloat-conversion
  $<$<BOOL:${GASKET_NATIVE}>:-march=native>
  $<$<BOOL:${GASKET_WERROR}>:-Werror>
  # gcc 12 warns wrongly about std::string + (its bug 105651) and, in sanitized code, about std::function
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<STREQUAL:${GASKET_SANITIZE},off>>>:-Wno-maybe-uninitialized>)
