# Flags that every target of the project gets, through the interface target storysign_compile.

add_library(storysign_compile INTERFACE)
target_include_directories(storysign_compile INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(
  storysign_compile
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Werror)
# x86-64-v2 (SSE4.2) is the floor; faster kernels choose at run time.
# -ffp-contract=off keeps float results the same on machines with and without FMA.
target_compile_options(storysign_compile INTERFACE -march=x86-64-v2 -ffp-contract=off)

if(STORYSIGN_SANITIZE)
  if(STORYSIGN_SANITIZE MATCHES "undefined")
    # Checks at every access double the time to compile. Null pointers and what lies outside an object end the program
    # all the same, by the address sanitizer; alignment and dynamic types are in few places, which reviews look at.
    set(unchecked -fno-sanitize=null,alignment,object-size,vptr)
  endif()
  # GCC 12 sees uninitialised members of std::optional and std::variant where a sanitizer's checks split the code.
  target_compile_options(storysign_compile INTERFACE -fsanitize=${STORYSIGN_SANITIZE} -fno-omit-frame-pointer
                                                     -fno-sanitize-recover=all ${unchecked} -Wno-maybe-uninitialized)
  target_link_options(storysign_compile INTERFACE -fsanitize=${STORYSIGN_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()
