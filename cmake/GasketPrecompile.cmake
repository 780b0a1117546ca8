# Headers of others that nearly every file includes are read once, which takes a second off each compilation. A file still
# includes what it uses: the preset `dev` compiles without. Not for programs: in them gcc 12 inlines strings so deep that it
# warns wrongly about what it can no longer see to be a system header.

option(GASKET_PRECOMPILE "Precompile the headers of the standard library and fmt" ON)

set(GASKET_PRECOMPILED
  <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <cstdint> <cstring> <deque> <filesystem> <fstream>
  <functional> <limits> <map> <memory> <mutex> <numeric> <optional> <span> <string> <string_view> <thread> <utility>
  <vector> <fmt/format.h>)

# Targets of one `group` have the same flags and share what was precompiled; more headers may follow.
function(gasket_precompile target group)
  if(NOT GASKET_PRECOMPILE)
    return()
  endif()
  # gcc 12 forgets which precompiled headers are the system's, and warns wrongly about strings inlined from them: such
  # warnings are shown, and stop nothing.
  foreach(warning IN ITEMS array-bounds free-nonheap-object maybe-uninitialized stringop-overflow stringop-overread)
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-error=${warning}>)
  endforeach()
  get_property(first GLOBAL PROPERTY GASKET_PRECOMPILED_${group})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${GASKET_PRECOMPILED} ${ARGN})
    set_property(GLOBAL PROPERTY GASKET_PRECOMPILED_${group} ${target})
  endif()
endfunction()
