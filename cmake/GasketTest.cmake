# One line per test:
#
#   gasket_add_test(NAME name SOURCES file... [RANKS 1 2 ...] [LABELS label...] [TIMEOUT seconds]
#                   [LIBRARIES target...])
#
# builds one Catch2 executable against gasket::engine. Without RANKS it is one ctest that never starts MPI; with RANKS it
# is one ctest per rank count, under mpirun.

# The settings that Open MPI needs: the same that scripts/ use.
file(STRINGS "${PROJECT_SOURCE_DIR}/scripts/openmpi.env" GASKET_MPI_ENVIRONMENT REGEX "^[A-Z]")
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS scripts/openmpi.env)
list(APPEND GASKET_MPI_ENVIRONMENT OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)

set(GASKET_TEST_ENVIRONMENT
  "GASKET_SOURCE=${PROJECT_SOURCE_DIR}"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=halt_on_error=1:suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp")
if(TARGET gasket)
  list(APPEND GASKET_TEST_ENVIRONMENT "GASKET=$<TARGET_FILE:gasket>")
endif()
# LeakSanitizer reports what Open MPI itself never frees, even for an empty program.
list(APPEND GASKET_MPI_ENVIRONMENT ${GASKET_TEST_ENVIRONMENT} "ASAN_OPTIONS=detect_leaks=0")

# A sanitized program is several times slower.
if(GASKET_SANITIZE STREQUAL "off")
  set(GASKET_TIMEOUT_FACTOR 1)
else()
  set(GASKET_TIMEOUT_FACTOR 4)
endif()

# Registers `command` as the ctest `name`. ctest kills what is still running at the timeout. With CONFIGURATIONS c it runs
# only under `ctest -C c`.
function(gasket_register_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PROCESSORS;TIMEOUT" "COMMAND;LABELS;ENVIRONMENT;CONFIGURATIONS")
  math(EXPR timeout "${arg_TIMEOUT} * ${GASKET_TIMEOUT_FACTOR}")
  add_test(NAME ${name} COMMAND ${arg_COMMAND} CONFIGURATIONS ${arg_CONFIGURATIONS})
  set_tests_properties(${name} PROPERTIES
    ENVIRONMENT "${arg_ENVIRONMENT}" LABELS "${arg_LABELS}" TIMEOUT ${timeout} PROCESSORS ${arg_PROCESSORS}
    SKIP_RETURN_CODE 77)
endfunction()

function(gasket_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;RANKS;LABELS;LIBRARIES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  string(REPLACE "." "_" target "test_${arg_NAME}")
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE gasket_test_support ${arg_LIBRARIES})
  # A test file compiles many programs for every engine: this halves its time. Libraries and commands stay as users have them.
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  gasket_precompile(${target} tests <catch2/catch.hpp>)

  if(NOT arg_RANKS)
    target_link_libraries(${target} PRIVATE gasket_test_main)
    gasket_register_test(${arg_NAME} COMMAND ${target} LABELS ${arg_LABELS} TIMEOUT ${arg_TIMEOUT} PROCESSORS 1
      ENVIRONMENT ${GASKET_TEST_ENVIRONMENT})
    return()
  endif()

  target_link_libraries(${target} PRIVATE gasket_mpi_test_main)
  foreach(ranks IN LISTS arg_RANKS)
    gasket_register_test(${arg_NAME}.n${ranks}
      COMMAND ${MPIEXEC_EXECUTABLE} -n ${ranks} $<TARGET_FILE:${target}>
      LABELS mpi ${arg_LABELS} TIMEOUT ${arg_TIMEOUT} PROCESSORS ${ranks} ENVIRONMENT ${GASKET_MPI_ENVIRONMENT})
  endforeach()
endfunction()

# A test file may say how it is registered, in one line: // ctest: RANKS 1 2 TIMEOUT 300 LABELS slow
function(gasket_add_test_file file)
  file(RELATIVE_PATH name "${CMAKE_CURRENT_SOURCE_DIR}" "${file}")
  string(REGEX REPLACE "_test\\.cpp$" "" name "${name}")
  string(REPLACE "/" "." name "${name}")
  file(STRINGS "${file}" settings REGEX "^// ctest: ")
  string(REGEX REPLACE "^// ctest: " "" settings "${settings}")
  separate_arguments(settings)
  if(name MATCHES "^mpi\\." AND NOT "RANKS" IN_LIST settings)
    list(APPEND settings RANKS 1 2 3 4)
  endif()
  gasket_add_test(NAME ${name} SOURCES "${file}" ${settings})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
endfunction()
