// The network that reads letters, as training/letters.py exported it: part of the program, so that
// no folder of models has to hold it.
  .section .rodata
  .balign 16
  .global kStorysignLettersModel
kStorysignLettersModel:
  .incbin STORYSIGN_LETTERS_MODEL
  .global kStorysignLettersModelEnd
kStorysignLettersModelEnd:
  .section .note.GNU-stack,"",%progbits
